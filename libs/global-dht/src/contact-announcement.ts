import { type Arrival } from '@musubi/cell';
import {
  type AgentKeys,
  BLOCK_BYTES,
  type RandomBytes,
  equalBytes,
  fromBase64Url,
  toBase64Url,
} from '@musubi/crypto';

const DOMAIN = 'musubi/contact-announcement';
/** A last byte of a block each: what the base ends with, and the two halves of the contact's name. */
const [TAG, NAME] = [[0], [1, 2]];

/** What tells the processes of one holder, and nobody else, that a contact was added: 32 bytes each. */
interface ContactAnnouncement {
  readonly base: Uint8Array;
  readonly author: Uint8Array;
}

/**
 * Announces a contact so that only its holder's keys see whose it is. Both columns look random and have no value in
 * common with another row: the announcements of a first letter's author and of its recipient, one soon after the other,
 * would name the pair.
 * @param name the contact's blinded name, 32 bytes
 */
export function announceContact(keys: AgentKeys, name: Uint8Array, random: RandomBytes): ContactAnnouncement {
  const nonce = random(BLOCK_BYTES);
  return { base: Buffer.concat([nonce, padsOf(keys, nonce, TAG)]), author: masked(keys, nonce, name) };
}

/** @returns the contact's blinded name as base64url; `null` when these keys did not announce it */
export function announcedBy(
  keys: AgentKeys,
  { base, author }: Pick<Arrival, 'base' | 'author'>,
): string | null {
  const bytes = fromBase64Url(base);
  const nonce = bytes.subarray(0, BLOCK_BYTES);
  if (!equalBytes(bytes.subarray(BLOCK_BYTES), padsOf(keys, nonce, TAG))) return null;
  return toBase64Url(masked(keys, nonce, fromBase64Url(author)));
}

function masked(keys: AgentKeys, nonce: Uint8Array, name: Uint8Array): Uint8Array {
  return padsOf(keys, nonce, NAME).map((byte, at) => byte ^ (name[at] ?? 0));
}

/** A block for each ending: no block has two uses. */
function padsOf(keys: AgentKeys, nonce: Uint8Array, endings: readonly number[]): Uint8Array {
  const head = nonce.subarray(0, BLOCK_BYTES - 1);
  return keys.pads(DOMAIN, Buffer.concat(endings.flatMap((ending) => [head, Buffer.of(ending)])));
}
