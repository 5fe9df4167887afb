import { describe, expect, it } from '@jest/globals';
import {
  INTERACTIVE_COST,
  MINIMAL_COST,
  OpenFailedError,
  asksAtMost,
  openWithPassphrase,
  randomBytes,
  sealWithPassphrase,
} from '../src/index.js';
import { flipped } from './support/flipped.js';

const secret = randomBytes(32);

function withCost(operations: number, memory: number): Uint8Array {
  const sealed = randomBytes(100);
  const view = new DataView(sealed.buffer, sealed.byteOffset);
  view.setUint32(0, operations);
  view.setUint32(4, memory);
  return sealed;
}

describe('a passphrase', () => {
  it.each([MINIMAL_COST, INTERACTIVE_COST])('opens what it sealed, and no other does (%p)', async (cost) => {
    const sealed = await sealWithPassphrase({ secret, passphrase: 'right', cost });

    expect(await openWithPassphrase({ sealed, passphrase: 'right' })).toEqual(secret);
    await expect(openWithPassphrase({ sealed, passphrase: 'wrong' })).rejects.toThrow(OpenFailedError);
  });

  it('opens nothing that was changed: cost, salt or secret', async () => {
    const sealed = await sealWithPassphrase({ secret, passphrase: 'right', cost: MINIMAL_COST });

    for (const at of sealed.keys()) {
      const opening = openWithPassphrase({ sealed: flipped(sealed, at), passphrase: 'right' });
      await expect(opening).rejects.toThrow(OpenFailedError);
    }
  });

  it('seals the same secret differently each time', async () => {
    const input = { secret, passphrase: 'right', cost: MINIMAL_COST };

    expect(await sealWithPassphrase(input)).not.toEqual(await sealWithPassphrase(input));
  });

  it.each([
    [0, 8192],
    [1, 0],
    [1, 8191],
    [5, 8192],
    [1, 268_435_457],
    [1, 1_073_741_824],
    [0xffffffff, 0xffffffff],
  ])('is not stretched for bytes that ask for %p operations and %p bytes', async (operations, memory) => {
    const sealed = withCost(operations, memory);

    await expect(openWithPassphrase({ sealed, passphrase: 'x' })).rejects.toThrow(
      'the cost is out of bounds',
    );
  });

  it.each([
    [0, 8192],
    [1.5, 8192],
    [5, 8192],
    [1, 8192.5],
    // In the four bytes of the header this would be 8192: some 500,000 times less than was asked for.
    [1, 2 ** 32 + 8192],
    [Number.NaN, 8192],
  ])('is not used at a cost of %p operations and %p bytes', async (operations, memory) => {
    const sealing = sealWithPassphrase({ secret, passphrase: 'x', cost: { operations, memory } });

    await expect(sealing).rejects.toThrow(RangeError);
  });

  it('tells what opening would cost, before it is opened', () => {
    const { memory, operations } = INTERACTIVE_COST;

    expect(asksAtMost(withCost(operations, memory), INTERACTIVE_COST)).toBe(true);
    expect(asksAtMost(withCost(operations + 1, memory), INTERACTIVE_COST)).toBe(false);
    expect(asksAtMost(withCost(operations, memory + 1), INTERACTIVE_COST)).toBe(false);
    expect(asksAtMost(withCost(operations, memory).slice(0, 23), INTERACTIVE_COST)).toBe(false);
  });

  it.each([0, 23, 24, 63])('opens nothing in %p bytes', async (size) => {
    const sealed = withCost(1, 8192).slice(0, size);

    await expect(openWithPassphrase({ sealed, passphrase: 'x' })).rejects.toThrow(OpenFailedError);
  });
});
