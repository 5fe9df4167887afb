import { equalBytes } from '@musubi/crypto';
import { type Timestamp } from '@musubi/messaging';
import { type Dated, type SignedRecord } from './signed-record.js';

/** What a record is beside the known one of the same signer. */
type Judgement = 'newer' | 'same' | 'older' | 'fork';

/** Only seq and content decide, so a wrong clock, of either side, loses no address. */
export function judge(known: SignedRecord<Dated>, incoming: SignedRecord<Dated>): Judgement {
  const ahead = incoming.content.seq - known.content.seq;
  if (ahead !== 0) return ahead > 0 ? 'newer' : 'older';
  return equalBytes(known.fingerprint, incoming.fingerprint) ? 'same' : 'fork';
}

/** Clocks that run on network time differ by less. */
const CLOCK_TOLERANCE_US = 5 * 60 * 1_000_000;

/**
 * Whether the lease of a record runs. This is a hint: a wrong clock makes it wrong, so it never stops a call. A record
 * from the future shows no presence; otherwise a signer with a fast clock would seem present long after it has gone.
 */
export function isPresent({ issued, expires }: Dated, now: Timestamp): boolean {
  return issued <= now + CLOCK_TOLERANCE_US && now < expires;
}

/**
 * The seq of a signer's next record.
 * @param known of all its records that this node and its peers have: after a restored backup peers may have higher ones
 */
export function nextSeq(known: readonly number[]): number {
  return Math.max(0, ...known) + 1;
}
