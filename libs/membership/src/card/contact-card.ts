import {
  decodeCanonical,
  encodeCanonical,
  equalBytes,
  fromBase64Url,
  hash,
  toBase64Url,
} from '@musubi/crypto';
import { z } from 'zod';
import { type SignedAgentRecord, agentRecords } from '../record/agent-record.js';
import { type SignedNodeRecord, nodeRecords } from '../record/node-record.js';
import { MAX_RECORD_BYTES, RecordRefusedError } from '../record/signed-record.js';

/** What a person gives another, so that their agents find each other: who the agent is, and where its node is. */
export interface ContactCard {
  readonly agent: SignedAgentRecord;
  readonly node: SignedNodeRecord;
}

export type CardRefusal =
  /** Another text, or one with signs that a card does not have. */
  | 'not-a-card'
  | 'oversized'
  /** Cut, or changed on the way: the checksum is of other bytes. */
  | 'damaged'
  | 'unknown-version'
  | 'malformed'
  | 'forged-agent-record'
  | 'forged-node-record'
  /** Both records are genuine, and the agent's names another node. */
  | 'parts-differ'
  /** The agent's record says that it has left. */
  | 'withdrawn';

/** The card was refused. The message holds nothing of it. */
export class ContactCardError extends Error {
  override readonly name = 'ContactCardError';

  constructor(
    readonly reason: CardRefusal,
    options?: ErrorOptions,
  ) {
    super(`the contact card was refused: ${reason}`, options);
  }
}

/** RFC 3986: a scheme in any case. What follows is base64url, which survives mail and chat. */
const PREFIX = /^musubi:card\//i;
const CARD_VERSION = 1;
const CHECKSUM_BYTES = 4;
/** The list, its version and the heads of two byte strings. */
const OVERHEAD_BYTES = 8;
const MAX_CARD_BYTES = 2 * MAX_RECORD_BYTES + OVERHEAD_BYTES + CHECKSUM_BYTES;
/** In characters; longer text is not looked at. */
export const MAX_CARD_LENGTH = 'musubi:card/'.length + Math.ceil((MAX_CARD_BYTES * 4) / 3);

/** One line: a `musubi:` URI. @throws ContactCardError for parts that do not belong together */
export function formatCard(card: ContactCard): string {
  requireWhole(card);
  const body = encodeCanonical([CARD_VERSION, card.agent.bytes, card.node.bytes]);
  return `musubi:card/${toBase64Url(Buffer.concat([body, checksumOf(body)]))}`;
}

/** White space around the card is left out. @throws ContactCardError */
export function parseCard(text: string): ContactCard {
  const [agentBytes, nodeBytes] = partsFrom(checkedBody(text.trim()));
  const agent = opened('forged-agent-record', () => agentRecords.open(agentBytes));
  const node = opened('forged-node-record', () => nodeRecords.open(nodeBytes));
  requireWhole({ agent, node });
  return { agent, node };
}

function requireWhole({ agent, node }: ContactCard): void {
  if (agent.content.node !== node.content.node) throw new ContactCardError('parts-differ');
  if (agent.content.tombstone) throw new ContactCardError('withdrawn');
}

/** The bytes before the checksum. */
function checkedBody(text: string): Uint8Array {
  if (text.length > MAX_CARD_LENGTH) throw new ContactCardError('oversized');
  if (!PREFIX.test(text)) throw new ContactCardError('not-a-card');
  const payload = text.replace(PREFIX, '');
  if (!/^[A-Za-z0-9_-]*$/.test(payload)) throw new ContactCardError('not-a-card');
  const bytes = bytesOf(payload);
  const body = bytes.subarray(0, -CHECKSUM_BYTES);
  if (!equalBytes(bytes.subarray(-CHECKSUM_BYTES), checksumOf(body))) throw new ContactCardError('damaged');
  return body;
}

function bytesOf(payload: string): Uint8Array {
  try {
    return fromBase64Url(payload);
  } catch (error) {
    throw new ContactCardError('damaged', { cause: error });
  }
}

/** Against accidents only: a forger computes it too, but cannot sign. */
function checksumOf(body: Uint8Array): Uint8Array {
  return hash('musubi/card/checksum', body).subarray(0, CHECKSUM_BYTES);
}

const bytes = z.instanceof(Uint8Array);
const bodySchema = z.tuple([z.literal(CARD_VERSION), bytes, bytes]);
const versionSchema = z.tuple([z.number()], z.unknown());

function partsFrom(body: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const list = decoded(body);
  const versioned = versionSchema.safeParse(list);
  if (versioned.success && versioned.data[0] !== CARD_VERSION) throw new ContactCardError('unknown-version');
  const parsed = bodySchema.safeParse(list);
  if (!parsed.success) throw new ContactCardError('malformed', { cause: parsed.error });
  const [, agent, node] = parsed.data;
  return [agent, node];
}

function decoded(body: Uint8Array): unknown {
  try {
    return decodeCanonical(body);
  } catch (error) {
    throw new ContactCardError('malformed', { cause: error });
  }
}

function opened<Opened>(forged: CardRefusal, open: () => Opened): Opened {
  try {
    return open();
  } catch (error) {
    if (!(error instanceof RecordRefusedError)) throw error;
    const reason = error.reason === 'bad-signature' ? forged : error.reason;
    throw new ContactCardError(reason, { cause: error });
  }
}
