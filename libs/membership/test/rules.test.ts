import { describe, expect, it } from '@jest/globals';
import { parseTimestamp } from '@musubi/messaging';
import { isPresent, judge, nextSeq } from '@musubi/membership';
import { DAY_US, HOUR_US, NOON, after, nodeNumber, nodeRecord } from './support/people.js';

const identity = nodeNumber(1);
const known = nodeRecord(identity, { seq: 5 });

describe('a record beside a known one', () => {
  it('is newer with a higher seq, and older with a lower one, whatever the clocks say', () => {
    for (const days of [-40, 0, 40]) {
      const issued = after(days * DAY_US);
      const times = { issued, expires: after(HOUR_US, issued) };
      expect(judge(known, nodeRecord(identity, { seq: 6, ...times }))).toBe('newer');
      expect(judge(known, nodeRecord(identity, { seq: 4, ...times }))).toBe('older');
    }
  });

  it('is the same with the same content, and a fork with any other', () => {
    expect(judge(known, nodeRecord(identity, { seq: 5 }))).toBe('same');
    expect(judge(known, nodeRecord(identity, { seq: 5, addresses: [] }))).toBe('fork');
  });
});

describe('presence', () => {
  it('lasts as long as the lease', () => {
    expect(isPresent(known.content, NOON)).toBe(true);
    expect(isPresent(known.content, parseTimestamp(after(HOUR_US) - 1))).toBe(true);
    expect(isPresent(known.content, after(HOUR_US))).toBe(false);
  });

  it('is not shown by a record from the future, but for the difference of two clocks', () => {
    expect(isPresent(known.content, after(-5 * 60 * 1_000_000))).toBe(true);
    expect(isPresent(known.content, after(-40 * DAY_US))).toBe(false);
  });
});

describe('the next seq', () => {
  it('is higher than each that anybody knows', () => {
    expect([nextSeq([]), nextSeq([3]), nextSeq([3, 9, 4])]).toEqual([1, 4, 10]);
  });
});
