import { describe, expect, it } from '@jest/globals';
import { dayIn, isTimeZone } from '../src/messages/reader-day.js';

const HOUR_US = 3_600_000_000;
const microseconds = (time: string): number => Date.parse(time) * 1000;

describe('a day of its reader', () => {
  it.each([
    ['UTC', '2026-11-28', '2026-11-28T00:00Z', 24],
    ['+05:45', '2026-01-01', '2025-12-31T18:15Z', 24],
    ['Asia/Kathmandu', '2026-01-01', '2025-12-31T18:15Z', 24],
    ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00Z', 23],
    ['europe/berlin', '2026-10-25', '2026-10-24T22:00Z', 25],
    // Its clocks were set at midnight: the day began at one.
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00Z', 23],
    // It went over to the other side of the date line.
    ['Pacific/Apia', '2011-12-30', '2011-12-30T10:00Z', 0],
    // There are no times before 1970.
    ['Europe/Berlin', '1970-01-01', '1970-01-01T00:00Z', 23],
  ])('of %s on %s begins at %s and has %d hours', (zone, day, beginning, hours) => {
    const from = microseconds(beginning);

    expect(dayIn(zone, day)).toEqual({ at: 'span', from, until: from + hours * HOUR_US });
  });
});

describe('a time zone', () => {
  it.each(['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+12', '-03:30'])(
    'is %s',
    (zone) => {
      expect(isTimeZone(zone)).toBe(true);
    },
  );

  it.each(['', 'Mars/Tharsis', '2026-01-01T00:00Z', '2026-01-01T00:00[Europe/Berlin]', '+25:00', '../UTC'])(
    'is not %p',
    (zone) => {
      expect(isTimeZone(zone)).toBe(false);
    },
  );
});
