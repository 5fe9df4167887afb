import { type Canonical, decodeCanonical, encodeCanonical, fromBase64Url, toBase64Url } from '@musubi/crypto';
import { type AgentPubKey, parseAgentPubKey } from '@musubi/messaging';
import { type RemoteCall, type RemoteCallOutcome } from '../remote-calls.js';
import { LinkRefusedError } from './refusals.js';

/** An agent's statement that it is on the node at this end of the link. */
export interface AgentProof {
  readonly agent: AgentPubKey;
  /** Greater in each new proof of this agent on this link. */
  readonly serial: number;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

/** What two nodes say to one another. */
export type LinkMessage =
  /** The first of each side: it has accepted the other. */
  | { readonly kind: 'hello' }
  | { readonly kind: 'ping' }
  | { readonly kind: 'pong' }
  /** The statement is what the prover's node says of the agent, such as its signed record: opaque to the link. */
  | { readonly kind: 'proof'; readonly proof: AgentProof; readonly statement: Uint8Array | null }
  | { readonly kind: 'call'; readonly id: number; readonly call: RemoteCall }
  /** A question of one node to the other, about a topic with a version, such as `records/1`. */
  | { readonly kind: 'ask'; readonly id: number; readonly topic: string; readonly payload: Uint8Array }
  /** Answers a call or a question. */
  | { readonly kind: 'reply'; readonly id: number; readonly outcome: RemoteCallOutcome }
  /** This side begins no more calls on this link. */
  | { readonly kind: 'bye' };

/** The first item of each message. */
const TAGS = { hello: 0, ping: 1, pong: 2, proof: 3, call: 4, reply: 5, bye: 6, ask: 7 } as const;
const SIGNATURE_BYTES = 64;
/** Names of functions and codes of errors, and what went wrong, in UTF-16 units. */
export const LONGEST_TEXT = 256;
/** Two signed records, and what holds them together. */
export const MAX_STATEMENT_BYTES = 2 * 1024 + 64;
/** What one node asks another, and the answer. */
export const MAX_ASK_BYTES = 64 * 1024;

/** @throws MalformedBytesError for text that is not well-formed */
export function encodeMessage(message: LinkMessage): Uint8Array {
  return encodeCanonical([TAGS[message.kind], ...itemsOf(message)]);
}

function itemsOf(message: LinkMessage): readonly Canonical[] {
  if ('id' in message) return [message.id, ...itemsOfNumbered(message)];
  if (message.kind !== 'proof') return [];
  const { agent, serial, signature } = message.proof;
  return [fromBase64Url(agent), serial, signature, message.statement];
}

function itemsOfNumbered(
  message: LinkMessage & { readonly kind: 'call' | 'ask' | 'reply' },
): readonly Canonical[] {
  switch (message.kind) {
    case 'call': {
      const { from, to, fn, payload } = message.call;
      return [fromBase64Url(from), fromBase64Url(to), fn, payload];
    }
    case 'ask':
      return [message.topic, message.payload];
    case 'reply':
      return [message.outcome.kind, ...outcomeItems(message.outcome)];
  }
}

function outcomeItems(outcome: RemoteCallOutcome): readonly Canonical[] {
  switch (outcome.kind) {
    case 'ok':
      return [outcome.reply];
    case 'refused':
      return [shortened(outcome.code), outcome.retryable];
    case 'not-sent':
    case 'unknown':
      return [shortened(outcome.detail)];
  }
}

/** Cutting may halve a surrogate pair. */
function shortened(text: string): string {
  return text.slice(0, LONGEST_TEXT).toWellFormed();
}

/** @throws LinkRefusedError for anything but the canonical bytes of one message */
export function decodeMessage(content: Uint8Array): LinkMessage {
  try {
    const items = new Items(decodeCanonical(content));
    const message = messageFrom(items);
    items.end();
    return message;
  } catch {
    throw new LinkRefusedError('malformed-frame');
  }
}

/** Reads a list item by item. Each method throws for an item of another kind. */
class Items {
  private readonly list: readonly Canonical[];
  private next = 0;

  constructor(value: Canonical) {
    if (!Array.isArray(value)) throw new TypeError('not a list');
    this.list = value as readonly Canonical[];
  }

  count(): number {
    const item = this.take();
    if (typeof item !== 'number' || item < 0) throw new TypeError('not a count');
    return item;
  }

  text(): string {
    const item = this.take();
    if (typeof item !== 'string' || item.length > LONGEST_TEXT) throw new TypeError('not a short text');
    return item;
  }

  flag(): boolean {
    const item = this.take();
    if (typeof item !== 'boolean') throw new TypeError('not a flag');
    return item;
  }

  bytes(length?: number): Uint8Array {
    const item = this.take();
    if (!(item instanceof Uint8Array)) throw new TypeError('not bytes');
    if (length !== undefined && item.length !== length) throw new TypeError('not so many bytes');
    return item;
  }

  /** @param longest that they may be */
  bytesUpTo(longest: number): Uint8Array {
    const item = this.bytes();
    if (item.length > longest) throw new TypeError('too many bytes');
    return item;
  }

  bytesUpToOrNull(longest: number): Uint8Array | null {
    if (this.list[this.next] !== null) return this.bytesUpTo(longest);
    this.next += 1;
    return null;
  }

  agent(): AgentPubKey {
    return parseAgentPubKey(toBase64Url(this.bytes()));
  }

  end(): void {
    if (this.next !== this.list.length) throw new TypeError('too many items');
  }

  private take(): Canonical | undefined {
    this.next += 1;
    return this.list[this.next - 1];
  }
}

const READERS: Readonly<Record<number, (items: Items) => LinkMessage>> = {
  [TAGS.hello]: () => ({ kind: 'hello' }),
  [TAGS.ping]: () => ({ kind: 'ping' }),
  [TAGS.pong]: () => ({ kind: 'pong' }),
  [TAGS.proof]: (items) => ({
    kind: 'proof',
    proof: { agent: items.agent(), serial: items.count(), signature: items.bytes(SIGNATURE_BYTES) },
    statement: items.bytesUpToOrNull(MAX_STATEMENT_BYTES),
  }),
  [TAGS.call]: (items) => ({
    kind: 'call',
    id: items.count(),
    call: { from: items.agent(), to: items.agent(), fn: items.text(), payload: items.bytes() },
  }),
  [TAGS.reply]: (items) => ({ kind: 'reply', id: items.count(), outcome: outcomeFrom(items) }),
  [TAGS.bye]: () => ({ kind: 'bye' }),
  [TAGS.ask]: (items) => ({
    kind: 'ask',
    id: items.count(),
    topic: items.text(),
    payload: items.bytesUpTo(MAX_ASK_BYTES),
  }),
};

function messageFrom(items: Items): LinkMessage {
  const read = READERS[items.count()];
  if (read === undefined) throw new TypeError('no such message');
  return read(items);
}

function outcomeFrom(items: Items): RemoteCallOutcome {
  const kind = items.text();
  switch (kind) {
    case 'ok':
      return { kind, reply: items.bytes() };
    case 'refused':
      return { kind, code: items.text(), retryable: items.flag() };
    case 'not-sent':
    case 'unknown':
      return { kind, detail: items.text() };
    default:
      throw new TypeError('no such outcome');
  }
}
