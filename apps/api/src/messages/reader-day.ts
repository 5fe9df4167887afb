import { type PageAnchor, parseTimestamp } from '@musubi/messaging';
import { Temporal } from 'temporal-polyfill';

/** A name of the IANA's, or an offset. The polyfill takes more, such as whole times. */
const ZONE = /^(?:[A-Za-z][\w+-]*(?:\/[\w+-]+)*|[+-]\d{2}:\d{2})$/u;

export function isTimeZone(zone: string): boolean {
  if (!ZONE.test(zone)) return false;
  try {
    new Temporal.ZonedDateTime(0n, zone);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** A day as people of that zone have it: 23 or 25 hours where its clocks are set, and none where a zone left the day out. */
export function dayIn(zone: string, day: string): PageAnchor {
  const date = Temporal.PlainDate.from(day);
  return { at: 'span', from: beginningOf(date, zone), until: beginningOf(date.add({ days: 1 }), zone) };
}

function beginningOf(date: Temporal.PlainDate, zone: string): ReturnType<typeof parseTimestamp> {
  // In the east, the first day began before the first time that there is.
  return parseTimestamp(Math.max(0, date.toZonedDateTime(zone).epochMilliseconds * 1000));
}
