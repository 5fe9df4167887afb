import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidKeyError, OrderPreservingMap, randomBytes } from '../src/index.js';

describe('an order-preserving map', () => {
  it('keeps the order of any two values, and their equality', () => {
    const map = new OrderPreservingMap(randomBytes(32));
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (a, b) => {
        expect(Math.sign(Number(map.encode(a) - map.encode(b)))).toBe(Math.sign(a - b));
      }),
      { numRuns: 500 },
    );
  });

  it('keeps neighbours apart, and within 63 bits', () => {
    const map = new OrderPreservingMap(randomBytes(32));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 1 }), (value) => {
        expect(map.encode(value)).toBeLessThan(map.encode(value + 1));
        expect(map.encode(value + 1)).toBeLessThan(2n ** 63n);
      }),
      { numRuns: 500 },
    );
  });

  it('gives one moment different positions under two keys', () => {
    const [a, b] = [new OrderPreservingMap(randomBytes(32)), new OrderPreservingMap(randomBytes(32))];

    expect(a.encode(1_700_000_000_000_000)).not.toBe(b.encode(1_700_000_000_000_000));
  });

  it('does not depend on what was asked before', () => {
    const key = randomBytes(32);
    const asked = new OrderPreservingMap(key);
    const step = fc.oneof(fc.maxSafeNat(), fc.integer({ min: 0, max: 5_000_000 }));
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.array(step, { maxLength: 10 }), (start, steps) => {
        for (const each of [0, ...steps]) {
          const value = Math.min(start + each, Number.MAX_SAFE_INTEGER);
          expect(asked.encode(value)).toBe(new OrderPreservingMap(key).encode(value));
        }
      }),
    );
  });

  it.each([-1, 0.5, 2 ** 53, Number.NaN])('is not defined for %p, and goes on after it', (value) => {
    const key = randomBytes(32);
    const map = new OrderPreservingMap(key);
    map.encode(7);

    expect(() => map.encode(value)).toThrow(RangeError);
    expect(map.encode(8)).toBe(new OrderPreservingMap(key).encode(8));
  });

  it('wants a key of 32 bytes', () => {
    expect(() => new OrderPreservingMap(new Uint8Array(31))).toThrow(InvalidKeyError);
  });
});
