import { type ErrorCode, STRATEGY_NAMES } from '@musubi/messaging';
import { HEARD, IS_UNANSWERED } from './claim.sql.js';
import { telling } from './outbox-channel.js';

/** A step that was tried before and waits. The index `outbox_waiting` has these rows alone. */
const WAITS = 'attempt > 0 and not is_failed';
/** With what a step waits whose message its recipient does not have: `MessageUndeliveredError`. */
const AWAITS_MESSAGE: ErrorCode = 'message-undelivered';
const NAMED = 'holder = $1 and placement = $2 and key = $3 and step = $4';

/** The lane of a step, and when its next step is due to be tried whose recipient did not answer the last time. */
export interface LaneRow {
  readonly lane: Uint8Array;
  readonly due_at: string | null;
  readonly attempt: number | null;
}

/** The lane of the step that is named by $1 to $4; and what waits in it until after $5, and no later than $6. */
export const LANE = `
  select tried.lane, waiting.due_at, waiting.attempt
  from (select holder, lane, placement from outbox where ${NAMED}) as tried
  left join lateral (
    select due_at, attempt from outbox
    where ${WAITS} and outbox.holder = tried.holder and outbox.lane = tried.lane
      and outbox.placement = tried.placement and due_at > $5 and due_at <= $6 and ${IS_UNANSWERED}
    order by due_at limit 1) as waiting on true`;

/**
 * Lets all steps that wait beside the one that is named by $1 to $4 wait until $5: the attempt at it, the $6th, was made
 * for them too. It counts as so much waiting, up to $7; those that have waited for $8 stay due, and those
 * whose recipient was heard from meanwhile.
 */
export const PUT_OFF_BESIDE = `
  update outbox set due_at = $5, attempt = greatest(outbox.attempt, $6),
    waited = waited + greatest(0, least($5 - due_at, $7::bigint))
  from (select holder, lane, placement from outbox where ${NAMED}) as tried
  where ${WAITS} and outbox.holder = tried.holder and outbox.lane = tried.lane
    and outbox.placement = tried.placement and due_at > ${HEARD} and due_at < $5 and waited < $8::bigint
    and not (key = $3 and step = $4)`;

/** What was not waited for does not count: the clock shows $1, and no wait is longer than $2. */
const DUE_AT_ONCE = `due_at = ${HEARD}, waited = greatest(0, waited - greatest(0, least(due_at - $1, $2::bigint)))`;
const PLACEMENTS = `(values ${STRATEGY_NAMES.map((name) => `('${name}')`).join()}) as placed (placement)`;
const IS_HEAD =
  'outbox.holder = head.holder and outbox.placement = head.placement and outbox.key = head.key and outbox.step = head.step';

/**
 * An attempt at it calls its recipient: not while it waits for its own message. The one attempt for a lane is not one that
 * nobody hears of.
 */
const CALLS = `last_error is distinct from '${AWAITS_MESSAGE}'`;

/** Of each lane ($3, $4) and placement the first $5 steps that wait: due at once. A single one is one that calls. */
export const HASTEN = telling(`
  update outbox set ${DUE_AT_ONCE}
  from (
    select waiting.* from unnest($3::bytea[], $4::bytea[]) as wanted (holder, lane)
    cross join ${PLACEMENTS}
    cross join lateral (
      select holder, placement, key, step from outbox
      where ${WAITS} and outbox.holder = wanted.holder and outbox.lane = wanted.lane
        and outbox.placement = placed.placement and due_at > ${HEARD} and ($5 > 1 or ${CALLS})
      order by due_at limit $5) as waiting) as head
  where ${IS_HEAD} and due_at > ${HEARD}`);

/** Of each lane of these holders ($3) the first step that waits and calls: due at once. One look into the index for each lane. */
export const HASTEN_ALL = telling(
  `update outbox set ${DUE_AT_ONCE}
  from (
    select waiting.* from lanes cross join lateral (
      select holder, placement, key, step from outbox
      where ${WAITS} and outbox.holder = lanes.holder and outbox.lane = lanes.lane
        and outbox.placement = lanes.placement and ${CALLS}
      order by due_at limit 1) as waiting
    where lanes.holder = any($3::bytea[])) as head
  where ${IS_HEAD} and due_at > ${HEARD}`,
  `recursive lanes as (
    (select holder, lane, placement from outbox where ${WAITS} order by holder, lane, placement limit 1)
    union all
    select further.* from lanes cross join lateral (
      select holder, lane, placement from outbox
      where ${WAITS} and (holder, lane, placement) > (lanes.holder, lanes.lane, lanes.placement)
      order by holder, lane, placement limit 1) as further),`,
);

/** Whose steps wait: one look into the index for each of them, however many steps. */
export const WAITING_HOLDERS = `
  with recursive holders as (
    (select holder from outbox where ${WAITS} order by holder limit 1)
    union all
    select further.* from holders cross join lateral (
      select holder from outbox where ${WAITS} and holder > holders.holder order by holder limit 1) as further)
  select holder from holders`;
