import { open, seal } from './aead.js';
import { type AgreementKeyPair, agreementKeyPair, agreementPublicKey, product } from './agreement.js';
import { concatBytes } from './concat-bytes.js';
import { OpenFailedError } from './crypto.errors.js';
import { hash } from './hash.js';
import { pad, paddedLength, unpad } from './padding.js';
import { primitives } from './primitives/index.js';
import { type RandomBytes, randomBytes } from './random.js';
import { type SignKeyPair } from './signing.js';

const KEY_BYTES = 32;
const SEAL_BYTES = 24 + 16;
const MAX_READERS = 255;
const SLOT_BYTES = KEY_BYTES + SEAL_BYTES + KEY_BYTES;
const NOTHING = new Uint8Array();

interface LetterInput {
  readonly plaintext: Uint8Array;
  /** Ed25519 public keys, 1 to 255. */
  readonly readers: readonly Uint8Array[];
  readonly random?: RandomBytes;
}

/**
 * Seals a padded plaintext for several readers: number of slots (1) ‖ slots ‖ body. The body is sealed with a
 * content key; each slot is an ephemeral X25519 key (32) and the content key sealed under its product with one
 * reader's key. A slot is bound to the body, which is its associated data, so that slots cannot be moved from
 * letter to letter; it names no reader: each tries them in turn. What a reader does not use it does not check:
 * a slot that was spoilt on the way is noticed by the reader whose slot it was. Nor does a letter prove who wrote it.
 * @throws InvalidKeyError for a reader's key that is none
 * @throws RangeError for no readers, or more than 255
 */
export function sealLetter({ plaintext, readers, random = randomBytes }: LetterInput): Uint8Array {
  if (readers.length < 1 || readers.length > MAX_READERS)
    throw new RangeError('a letter has 1 to 255 readers');
  const contentKey = random(KEY_BYTES);
  const body = seal({ key: contentKey, plaintext: pad(plaintext), associatedData: NOTHING, random });
  const digest = hash('musubi/letter/body', body);
  const slots = readers.map((reader) => sealSlot({ reader, contentKey, digest, random }));
  return concatBytes(Uint8Array.of(readers.length), ...slots, body);
}

/** A mailbox is read with one key pair, whose conversion is half the work of opening a letter (100 of 214 µs). */
const converted = new WeakMap<SignKeyPair, AgreementKeyPair>();

function agreementKeysOf(reader: SignKeyPair): AgreementKeyPair {
  const known = converted.get(reader);
  if (known !== undefined) return known;
  const keys = agreementKeyPair(reader);
  converted.set(reader, keys);
  return keys;
}

/**
 * @throws OpenFailedError when the reader is not one of the letter's, or the letter was changed or never well made
 * @throws InvalidKeyError when the reader's keys are no Ed25519 keys
 */
export function openLetter({
  letter,
  reader,
}: {
  readonly letter: Uint8Array;
  readonly reader: SignKeyPair;
}): Uint8Array {
  const bodyAt = 1 + (letter[0] ?? 0) * SLOT_BYTES;
  const body = letter.subarray(bodyAt);
  const digest = hash('musubi/letter/body', body);
  const { publicKey, secretKey } = agreementKeysOf(reader);
  for (let offset = 1; offset < bodyAt; offset += SLOT_BYTES) {
    const slot = letter.subarray(offset, offset + SLOT_BYTES);
    const key = openSlot({ slot, digest, publicKey, secretKey });
    if (key !== null) return openBody(key, body);
  }
  throw new OpenFailedError('the letter has no slot for this reader');
}

function openBody(key: Uint8Array, sealed: Uint8Array): Uint8Array {
  const padded = open({ key, sealed, associatedData: NOTHING });
  try {
    return unpad(padded);
  } catch (error) {
    // Anyone can write a letter, and so seal what pad() would not make.
    throw new OpenFailedError('the letter is not padded', { cause: error });
  }
}

/** The bytes of a letter, which tell the size class and the number of readers only. */
export function letterSize(plaintextLength: number, readers: number): number {
  return 1 + readers * SLOT_BYTES + SEAL_BYTES + paddedLength(plaintextLength);
}

interface SlotInput {
  readonly reader: Uint8Array;
  readonly contentKey: Uint8Array;
  readonly digest: Uint8Array;
  readonly random: RandomBytes;
}

function sealSlot({ reader, contentKey, digest, random }: SlotInput): Uint8Array {
  const theirs = agreementPublicKey(reader);
  const secretKey = random(KEY_BYTES);
  const ephemeral = primitives().x25519PublicKey(secretKey);
  const key = hash('musubi/letter/slot', product(secretKey, theirs), ephemeral, theirs);
  return concatBytes(ephemeral, seal({ key, plaintext: contentKey, associatedData: digest, random }));
}

interface SlotOpening {
  readonly slot: Uint8Array;
  readonly digest: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

function openSlot({ slot, digest, publicKey, secretKey }: SlotOpening): Uint8Array | null {
  try {
    const ephemeral = slot.subarray(0, KEY_BYTES);
    const key = hash('musubi/letter/slot', product(secretKey, ephemeral), ephemeral, publicKey);
    return open({ key, sealed: slot.subarray(KEY_BYTES), associatedData: digest });
  } catch {
    // Somebody else's slot, or a forged one: either way not this reader's.
    return null;
  }
}
