import { type AgentPubKey, type MessageId, RECEIPT_STATUSES, type ReceiptStatus } from '@musubi/messaging';
import { type Copy } from './held-messages.js';

/** A message that somebody tried to send, and what its author was told of it. */
export interface SentMessage {
  readonly id: MessageId;
  readonly author: AgentPubKey;
  readonly recipient: AgentPubKey;
  /** Its save was acknowledged to its author. */
  readonly isAcknowledged: boolean;
  /** How the act ended for its author, if not with a delivery. */
  readonly end?: 'failed' | 'deleted';
}

/** Everything that can be wrong with a message. It can be wrong in several ways at once. */
const FAULT_KINDS = ['lost', 'doubled', 'phantom', 'unsigned', 'orphan', 'stray'] as const;

/**
 * `lost`: acknowledged, and missing on a side that must have it.
 * `doubled`: one agent holds it twice.
 * `phantom`: its author sees a status that its recipient does not have.
 * `unsigned`: a receipt is missing, or the wrong agent signed it.
 * `orphan`: its recipient has it, and its author does not know. Until receipts have travelled, that is no fault.
 * `stray`: somebody holds it who neither wrote nor was to get it, or nobody sent it.
 */
export type FaultKind = (typeof FAULT_KINDS)[number];

/** What one agent holds of a message. */
interface Side {
  readonly times: number;
  readonly status: ReceiptStatus | null;
  readonly isSigned: boolean;
}

export interface MessageFault {
  readonly kind: FaultKind;
  readonly id: MessageId;
  /** The case in words. */
  readonly witness: string;
}

interface Audit {
  readonly faults: readonly MessageFault[];
  /** The messages whose author sees them delivered or read. */
  readonly shown: ReadonlySet<MessageId>;
}

interface Sides {
  readonly author: Side;
  readonly recipient: Side;
}

const NOTHING: Side = { times: 0, status: null, isSigned: true };

/** Holds all that was sent against all that the agents hold. Call it when no act is under way. */
export function auditMessages(
  sent: readonly SentMessage[],
  copies: readonly Copy[],
  nameOf: (agent: AgentPubKey) => string = (agent) => agent.slice(0, 8),
): Audit {
  const sides = sidesIn(copies);
  const sideOf = (holder: AgentPubKey, id: MessageId): Side => sides.get(id)?.get(holder) ?? NOTHING;
  const faults: MessageFault[] = [];
  const shown = new Set<MessageId>();
  for (const message of sent) {
    const { id, author, recipient } = message;
    const both = { author: sideOf(author, id), recipient: sideOf(recipient, id) };
    if (isShown(both)) shown.add(id);
    for (const kind of kindsOf(message, both)) {
      faults.push({ kind, id, witness: witnessOf(kind, { message, both, nameOf }) });
    }
  }
  return { faults: [...faults, ...straysAmong(copies, sent, nameOf)], shown };
}

function sidesIn(copies: readonly Copy[]): ReadonlyMap<MessageId, ReadonlyMap<AgentPubKey, Side>> {
  const sides = new Map<MessageId, Map<AgentPubKey, Side>>();
  for (const { id, holder, status, isSigned } of copies) {
    const holders = sides.get(id) ?? new Map<AgentPubKey, Side>();
    const { times, isSigned: areOthersSigned } = holders.get(holder) ?? NOTHING;
    holders.set(holder, { times: times + 1, status, isSigned: areOthersSigned && isSigned });
    sides.set(id, holders);
  }
  return sides;
}

const rankOf = ({ status }: Side): number => (status === null ? -1 : RECEIPT_STATUSES.indexOf(status));

const isShown = ({ author }: Sides): boolean => rankOf(author) > RECEIPT_STATUSES.indexOf('saved');

function kindsOf(message: SentMessage, both: Sides): readonly FaultKind[] {
  const { author, recipient } = both;
  const is: Readonly<Record<Exclude<FaultKind, 'stray'>, boolean>> = {
    lost: message.isAcknowledged && isMissing(message, both),
    doubled: Math.max(author.times, recipient.times) > 1,
    phantom: isShown(both) && rankOf(author) > rankOf(recipient),
    unsigned: !(author.isSigned && recipient.isSigned),
    orphan: recipient.times > 0 && !isShown(both),
  };
  return FAULT_KINDS.filter((kind) => kind !== 'stray' && is[kind]);
}

/** A message that failed stays with its author, who deletes or retries it; a deleted one may be missing anywhere. */
function isMissing({ end }: SentMessage, { author, recipient }: Sides): boolean {
  if (end === 'deleted') return false;
  return author.times === 0 || (recipient.times === 0 && end !== 'failed');
}

function witnessOf(
  kind: FaultKind,
  {
    message: { id, author, recipient },
    both,
    nameOf,
  }: {
    readonly message: SentMessage;
    readonly both: Sides;
    readonly nameOf: (agent: AgentPubKey) => string;
  },
): string {
  const held = ({ times, status }: Side): string => (times === 0 ? 'nothing' : `${times} × ${status ?? '?'}`);
  const route = `of agent ${nameOf(author)} to ${nameOf(recipient)}`;
  return `${kind}: message ${id.slice(0, 8)} ${route}: author holds ${held(both.author)}, recipient ${held(both.recipient)}`;
}

function straysAmong(
  copies: readonly Copy[],
  sent: readonly SentMessage[],
  nameOf: (agent: AgentPubKey) => string,
): readonly MessageFault[] {
  const known = new Map(sent.map((message) => [message.id, message]));
  return copies
    .filter(({ id, holder }) => {
      const message = known.get(id);
      return message?.author !== holder && message?.recipient !== holder;
    })
    .map(({ id, holder }) => ({
      kind: 'stray',
      id,
      witness: `stray: message ${id.slice(0, 8)} is held by agent ${nameOf(holder)}, and nobody sent it there`,
    }));
}
