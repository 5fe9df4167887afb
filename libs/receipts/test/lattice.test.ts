import { describe, expect, it } from '@jest/globals';
import { join, rankOf, statusOf } from '@musubi/receipts';
import fc from 'fast-check';
import { STATUSES } from './support/people.js';

const status = fc.constantFrom(...STATUSES);
const histories = fc.array(status.map((each) => ({ status: each })));

describe('the lattice of statuses', () => {
  it('is ordered saved, delivered, read', () => {
    expect(STATUSES.map(rankOf)).toEqual([0, 1, 2]);
  });

  it('has a commutative join', () => {
    fc.assert(
      fc.property(status, status, (a, b) => {
        expect(join(a, b)).toBe(join(b, a));
      }),
    );
  });

  it('has an associative join', () => {
    fc.assert(
      fc.property(status, status, status, (a, b, c) => {
        expect(join(join(a, b), c)).toBe(join(a, join(b, c)));
      }),
    );
  });

  it('has an idempotent join', () => {
    fc.assert(
      fc.property(status, (a) => {
        expect(join(a, a)).toBe(a);
      }),
    );
  });

  it('has a join that is an upper bound of both', () => {
    fc.assert(
      fc.property(status, status, (a, b) => {
        expect(rankOf(join(a, b))).toBe(Math.max(rankOf(a), rankOf(b)));
      }),
    );
  });

  it('has saved for its least element', () => {
    fc.assert(
      fc.property(status, (a) => {
        expect(join('saved', a)).toBe(a);
      }),
    );
  });
});

describe('statusOf', () => {
  it('is saved where there is no receipt', () => {
    expect(statusOf([])).toBe('saved');
  });

  it('never goes back when a receipt is added', () => {
    fc.assert(
      fc.property(histories, status, (receipts, more) => {
        const after = rankOf(statusOf([...receipts, { status: more }]));
        expect(after).toBeGreaterThanOrEqual(rankOf(statusOf(receipts)));
      }),
    );
  });

  it('is the same for any order and any repetition of the receipts', () => {
    const disordered = histories.chain((receipts) =>
      fc.tuple(
        fc.constant(receipts),
        fc.shuffledSubarray([...receipts, ...receipts], { minLength: receipts.length * 2 }),
      ),
    );
    fc.assert(
      fc.property(disordered, ([receipts, others]) => {
        expect(statusOf(others)).toBe(statusOf(receipts));
      }),
    );
  });

  it('is the join of the statuses of two halves', () => {
    fc.assert(
      fc.property(histories, histories, (mine, theirs) => {
        expect(statusOf([...mine, ...theirs])).toBe(join(statusOf(mine), statusOf(theirs)));
      }),
    );
  });
});
