import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { fromBase64Url, toBase64Url } from './base64url.js';
import { UnverifiedMessageError } from './errors.js';
import { messageHash, receiptHash } from './signed-bytes.js';
import { type Message, type Receipt, type Status } from './types.js';

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const RANK: Readonly<Record<Receipt['status'], number>> = { saved: 0, delivered: 1, read: 2 };

/**
 * Checks a message by docs/verifying.md: its id, who made each receipt, the signatures, and that its status is what they
 * prove. Needs no key and trusts no node.
 * @throws UnverifiedMessageError
 */
export function verifyMessage(message: Message): void {
  const reason = faultOf(message);
  if (reason !== null) throw new UnverifiedMessageError(message.id, reason);
}

/** What is wrong with a message; `null`: nothing. */
export function faultOf(message: Message): string | null {
  try {
    return wrongIn(message);
  } catch (error) {
    // A service that lies may show values of any type.
    if (error instanceof TypeError || error instanceof RangeError) return error.message;
    throw error;
  }
}

function wrongIn(message: Message): string | null {
  if (toBase64Url(messageHash(message)) !== message.id) return 'the id is for another message';
  const wrong = message.receipts
    .map((receipt) => wrongWith(receipt, message))
    .find((fault) => fault !== null);
  return wrong ?? wrongStatus(message);
}

function wrongWith(receipt: Receipt, { id, author, recipient }: Message): string | null {
  if (!Object.hasOwn(RANK, receipt.status)) return 'a receipt has an unknown status';
  const maker = receipt.status === 'saved' ? author : recipient;
  if (receipt.message !== id || receipt.by !== maker) return `${receipt.status}: not for this message`;
  return isSigned(receipt) ? null : `${receipt.status}: not what was signed`;
}

/** The author's own receipt proves that the message is the author's; without it nothing else counts. */
function wrongStatus({ status, receipts }: Message): string | null {
  const proven = receipts.map((receipt) => receipt.status).toSorted((one, other) => RANK[one] - RANK[other]);
  if (proven[0] !== 'saved') return 'the author has not signed it';
  const highest: Status | undefined = proven.at(-1);
  const isProven = status === highest || (status === 'failed' && highest === 'saved');
  return isProven ? null : 'a status without a receipt';
}

/** A page that is read again has the same signatures, and each costs a millisecond. */
const MOST_REMEMBERED = 10_000;
const remembered = new Set<string>();

function isSigned(receipt: Receipt): boolean {
  const key = fromBase64Url(receipt.by, KEY_BYTES);
  const signature = fromBase64Url(receipt.signature, SIGNATURE_BYTES);
  if (key === null || signature === null) return false;
  const signed = receiptHash(receipt);
  const name = `${receipt.by} ${receipt.signature} ${bytesToHex(signed)}`;
  if (remembered.has(name)) return true;
  // Strict, as the service: a key of small order is refused (RFC 8032, not ZIP 215).
  if (!isValid(signature, signed, key)) return false;
  const [oldest] = remembered;
  if (oldest !== undefined && remembered.size >= MOST_REMEMBERED) remembered.delete(oldest);
  remembered.add(name);
  return true;
}

function isValid(signature: Uint8Array, signed: Uint8Array, key: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, signed, key, { zip215: false });
  } catch {
    // A key that is no point.
    return false;
  }
}
