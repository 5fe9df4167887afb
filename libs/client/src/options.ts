import { type Fetch } from './transport.js';
import { type MessageFile, type NewPayload, type StrategyName } from './types.js';
import { type Waiting } from './waiting.js';

export interface ClientOptions {
  /** Of the service, without `/v1`. */
  readonly url: string;
  /** Of an agent that was made, or signed in, before. */
  readonly token?: string;
  /** For one attempt, in milliseconds; 30 s. */
  readonly timeoutMs?: number;
  /** How often a request that may be repeated is sent at most; 5. */
  readonly attempts?: number;
  /** The longest `Retry-After` that is waited for, in milliseconds; 60 s. */
  readonly longestPauseMs?: number;
  /** `false` leaves messages unchecked, for callers that check them elsewhere. */
  readonly verify?: boolean;
  readonly fetch?: Fetch;
  readonly waiting?: Waiting;
}

export interface NewAgent {
  readonly nickname: string;
  /** Without one the agent is unattended: online whenever the node is. */
  readonly passphrase?: string;
  /** Keeps the passphrase in memory, and signs in with it after a restart of the node. */
  readonly keep?: boolean;
  /** At least 22 random characters. By default the client makes one. */
  readonly idempotencyKey?: string;
  /** Where the operator demands one. */
  readonly registrationToken?: string;
}

export interface Credentials {
  readonly agent: string;
  readonly passphrase: string;
  /** Keeps the passphrase in memory, and signs in again after a restart of the node. */
  readonly keep?: boolean;
}

export interface AgentToDelete {
  readonly agent: string;
  /** An unattended agent has none. */
  readonly passphrase?: string;
}

/** A text, or a file that was uploaded or received, alone or with a text. */
export type Draft = Addressed & (TextContent | FileContent);

interface TextContent {
  readonly text: string;
  readonly file?: undefined;
}

interface FileContent {
  /** What the upload answered, or the `payload.file` of a message. */
  readonly file: MessageFile;
  readonly text?: string | null;
}

interface Addressed {
  readonly to: string;
  readonly strategy: StrategyName;
  readonly replyTo?: string;
  /** Keep one with the draft to repeat it after a crash. By default the client makes one for its own repeats. */
  readonly idempotencyKey?: string;
  /** How many seconds the answer waits for delivery, at most 30; 1. */
  readonly wait?: number;
}

export function payloadOf({ file, text = null }: Draft): NewPayload {
  if (file !== undefined) return { type: 'file', file, text };
  return { type: 'text', text: text ?? '' };
}

/** What an agent says of itself to a peer. */
export interface NewTyping {
  readonly to: string;
  /** `false`: it has stopped. `true` when absent. */
  readonly typing?: boolean;
}
