import { type Timestamp, parseTimestamp } from '@musubi/messaging';
import { type Dated } from '../record/signed-record.js';
import { isPresent } from '../record/rules.js';

interface Lease {
  readonly issued: Timestamp;
  readonly expires: Timestamp;
}

export function leaseFrom(now: Timestamp, us: number): Lease {
  return { issued: now, expires: parseTimestamp(now + us) };
}

/** Whether less than half of the lease is left, or this clock was set back since. */
export function isDue(record: Dated, now: Timestamp): boolean {
  const left = record.expires - now;
  return !isPresent(record, now) || 2 * left < record.expires - record.issued;
}
