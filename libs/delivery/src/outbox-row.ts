import { type OutboxKey, type OutboxStep, isOutboxStep } from '@musubi/cell';
import { type AgentKeys, equalBytes, toBase64Url } from '@musubi/crypto';
import {
  type AgentPubKey,
  type StrategyName,
  type Timestamp,
  isStrategyName,
  parseAgentPubKey,
  parseTimestamp,
} from '@musubi/messaging';
import { blindedKey, decodeMessageId } from '@musubi/receipts';
import { type OutboxRow } from './schema/index.js';

/** A pending step, and how it has gone so far. */
export interface OutboxEntry {
  readonly holder: AgentPubKey;
  readonly outboxKey: OutboxKey;
  readonly lane: string;
  /** The number of failed attempts to reach its recipient, those of other steps that wait for it included. */
  readonly attempt: number;
  /** How much of the patience is used up, in microseconds. */
  readonly waitedUs: number;
  readonly dueAt: Timestamp;
  readonly isFailed: boolean;
  /** The code of the last error. */
  readonly lastError: string | null;
}

/** Under which a holder encrypts the message's id. */
export const MESSAGE_DOMAIN = 'musubi/outbox/message';

/**
 * What a row says. @throws AgentOfflineError while its holder's key is locked @throws any other error when it was damaged
 */
export function readRow(row: OutboxRow, keysOf: (agent: AgentPubKey) => AgentKeys): OutboxEntry {
  const holder = parseAgentPubKey(toBase64Url(row.holder));
  const keys = keysOf(holder);
  const message = decodeMessageId(keys.openFixed(row.message, MESSAGE_DOMAIN));
  if (!equalBytes(blindedKey(keys, message), row.key)) throw new TypeError('the row names another message');
  const outboxKey = { strategy: strategyFrom(row.placement), message, step: stepFrom(row.step) };
  return { ...standingOf(row), holder, outboxKey, dueAt: parseTimestamp(Number(row.due_at)) };
}

/** What a row says of its step, without what it is called and when it is due: that is never unreadable. */
export function standingOf(
  row: OutboxRow,
): Pick<OutboxEntry, 'lane' | 'attempt' | 'waitedUs' | 'isFailed' | 'lastError'> {
  const { attempt, is_failed: isFailed, last_error: lastError } = row;
  return { lane: toBase64Url(row.lane), attempt, waitedUs: Number(row.waited), isFailed, lastError };
}

function strategyFrom(placement: string): StrategyName {
  if (!isStrategyName(placement)) throw new TypeError(`no such placement: ${placement}`);
  return placement;
}

function stepFrom(step: string): OutboxStep {
  if (!isOutboxStep(step)) throw new TypeError(`no such step: ${step}`);
  return step;
}
