import { InvalidKeyError } from './crypto.errors.js';
import { framed } from './frame.js';
import { primitives } from './primitives/index.js';

const KEY_BYTES = 32;
/** Times are below this: 2^53 µs end in the year 2255. */
const DOMAIN_BITS = 53;
const RANGE = 2n ** 63n;
/** How many values a block of 2^index has. */
const SIZES = Array.from({ length: DOMAIN_BITS + 1 }, (_, bits) => 1n << BigInt(bits));
const WORD = 2 ** 32;
/** A block's name: log₂ of its size (1 byte), its number (8). */
const NAME_BYTES = 9;

/**
 * A keyed, strictly increasing map from 0 ≤ value < 2^53 into 0 ≤ position < 2^63. The domain is halved again
 * and again; at each halving a keyed hash decides how the range is shared, each half getting room for all its
 * values. The idea is that of Boldyreva et al., “Order-Preserving Symmetric Encryption” (EUROCRYPT 2009).
 *
 * It makes positions under two keys incomparable, so that one moment does not show as one number in two
 * agents' tables. It hides neither the order of values nor, roughly, how far apart they are: each halving gives
 * either side at least a quarter of the range, as long as that leaves room. Under one key equal values are equal,
 * and an observer that knows the times of a few rows can bracket those between them.
 */
export class OrderPreservingMap {
  /** What is hashed for a block; its last bytes are the name. Kept, since framing it anew costs a third of a step. */
  private readonly question = framed('musubi/order-preserving', [new Uint8Array(NAME_BYTES)]).slice();
  private readonly name = new DataView(this.question.buffer, this.question.length - NAME_BYTES);
  /** The last value's path: at [bits], the part of the range that its block of 2^bits values is mapped into. */
  private readonly lows: bigint[] = SIZES.map(() => 0n);
  private readonly sizes: bigint[] = SIZES.map(() => RANGE);
  private last: number | null = null;

  /** @throws InvalidKeyError unless the key has 32 bytes */
  constructor(private readonly key: Uint8Array) {
    if (key.length !== KEY_BYTES) throw new InvalidKeyError('an order-preserving key has 32 bytes');
  }

  /** @throws RangeError unless the value is an integer from 0 to 2^53 − 1 */
  encode(value: number): bigint {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new RangeError('expected an integer from 0 to 2^53 − 1');
    const shared = this.last === null ? DOMAIN_BITS : sharedBits(this.last, value);
    this.last = null;
    for (let bits = shared; bits > 0; bits -= 1) this.descend(bits, value);
    this.last = value;
    return this.lows[0] ?? 0n;
  }

  /** From the block of 2^bits values to the half of it in which the value is. */
  private descend(bits: number, value: number): void {
    const [low, size] = [this.lows[bits] ?? 0n, this.sizes[bits] ?? RANGE];
    const lower = this.split(bits, size, value);
    const isUpper = Math.floor(value / 2 ** (bits - 1)) % 2 === 1;
    this.lows[bits - 1] = isUpper ? low + lower : low;
    this.sizes[bits - 1] = isUpper ? size - lower : lower;
  }

  /** How much of the range the lower half gets: each half at least a quarter, and at least one place a value. */
  private split(bits: number, size: bigint, value: number): bigint {
    const values = SIZES[bits - 1] ?? 1n;
    const quarter = size >> 2n;
    const least = quarter > values ? quarter : values;
    const room = size - (least << 1n);
    return room <= 0n ? least : least + ((this.draw(bits, value) * (room + 1n)) >> 64n);
  }

  /** A pseudo-random number from 0 to 2^64 − 1 for the value's block of 2^bits: keyedHash() of its name. */
  private draw(bits: number, value: number): bigint {
    const block = Math.floor(value / 2 ** bits);
    this.name.setUint8(0, bits);
    this.name.setUint32(1, Math.floor(block / WORD));
    this.name.setUint32(5, block % WORD);
    const digest = primitives().blake2b(this.question, this.key);
    return new DataView(digest.buffer, digest.byteOffset).getBigUint64(0);
  }
}

/** Log₂ of the smallest block that holds both. */
function sharedBits(a: number, b: number): number {
  const high = Math.floor(a / WORD) ^ Math.floor(b / WORD);
  if (high !== 0) return 64 - Math.clz32(high);
  return 32 - Math.clz32(a ^ b);
}
