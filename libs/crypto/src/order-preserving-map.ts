import { keyedHash } from './hash.js';

/** Times are below this: 2^53 µs end in the year 2255. */
const DOMAIN_BITS = 53;
const RANGE = 2n ** 63n;

/** A step of the descent: a block of the domain and the part of the range it is mapped into. */
interface Node {
  /** Log₂ of the block's size. */
  readonly bits: number;
  readonly low: bigint;
  readonly size: bigint;
}

/**
 * A keyed, strictly increasing map from 0 ≤ value < 2^53 into 0 ≤ position < 2^63. The domain is halved again
 * and again; at each halving a keyed hash decides how the range is shared, each half getting room for all its
 * values. The idea is that of Boldyreva et al., “Order-Preserving Symmetric Encryption” (EUROCRYPT 2009).
 *
 * It makes positions under two keys incomparable, so that one moment does not show as one number in two
 * agents' tables. It hides neither the order of values nor, roughly, how far apart they are.
 */
export class OrderPreservingMap {
  /** The last path, from the root: values near one another share nearly all of theirs. */
  private path: { readonly value: number; readonly nodes: readonly Node[] } | null = null;

  constructor(
    /** 32 bytes. */
    private readonly key: Uint8Array,
  ) {}

  /** @throws RangeError unless the value is an integer from 0 to 2^53 − 1 */
  encode(value: number): bigint {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new RangeError('expected an integer from 0 to 2^53 − 1');
    const nodes = [...this.sharedPath(value)];
    let node = nodes.at(-1) ?? { bits: DOMAIN_BITS, low: 0n, size: RANGE };
    if (nodes.length === 0) nodes.push(node);
    while (node.bits > 0) {
      node = this.descend(node, value);
      nodes.push(node);
    }
    this.path = { value, nodes };
    return node.low;
  }

  private sharedPath(value: number): readonly Node[] {
    if (this.path === null) return [];
    const { value: last, nodes } = this.path;
    return nodes.filter(({ bits }) => Math.floor(last / 2 ** bits) === Math.floor(value / 2 ** bits));
  }

  /** The half of the node's block in which the value is. */
  private descend({ bits, low, size }: Node, value: number): Node {
    const half = bits - 1;
    const split = this.split({ bits, low, size }, Math.floor(value / 2 ** bits));
    const isUpper = Math.floor(value / 2 ** half) % 2 === 1;
    return isUpper ? { bits: half, low: low + split, size: size - split } : { bits: half, low, size: split };
  }

  /** How much of the range the lower half gets: each half at least a quarter, and at least one place a value. */
  private split({ bits, size }: Node, block: number): bigint {
    const values = 2n ** BigInt(bits - 1);
    const least = size / 4n > values ? size / 4n : values;
    const room = size - 2n * least;
    return room <= 0n ? least : least + ((this.draw(bits, block) * (room + 1n)) >> 64n);
  }

  /** A pseudo-random number from 0 to 2^64 − 1 for a block. */
  private draw(bits: number, block: number): bigint {
    const name = new Uint8Array(9);
    const view = new DataView(name.buffer);
    view.setUint8(0, bits);
    view.setBigUint64(1, BigInt(block));
    return new DataView(keyedHash(this.key, 'musubi/order-preserving', name).buffer).getBigUint64(0);
  }
}
