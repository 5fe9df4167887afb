import { OUTBOX_STEPS } from '@musubi/cell';
import { type AgentPubKey, STRATEGY_NAMES } from '@musubi/messaging';

export interface ClaimScope {
  /** Whose steps: the agents that are online here, since nobody else's can be done here. */
  readonly holders: readonly AgentPubKey[];
  readonly busyLanes: readonly string[];
  readonly limit: number;
  /** How many of them at most may be steps that nobody answered the last time; any number when absent. */
  readonly unansweredLimit?: number;
}

/** What a step ends with when nobody answered: trying it again may well mean waiting in vain. */
const UNANSWERED = ['recipient-unreachable', 'remote-call-unknown'];
/** When a step is due whose recipient was heard from: at once, and before all others. */
export const HEARD = 0;

/** Nobody answered the last time, and nothing was heard of the recipient since. */
export const IS_UNANSWERED = `(due_at > ${HEARD} and coalesce(last_error in (${listed(UNANSWERED)}), false))`;

export function wasUnanswered({ lastError }: { readonly lastError: string | null }): boolean {
  return lastError !== null && UNANSWERED.includes(lastError);
}

/** Waiting steps that this version knows: those of a newer one are left to it. */
const WAITS = `not is_failed and step in (${listed(OUTBOX_STEPS)}) and placement in (${listed(STRATEGY_NAMES)})`;

function listed(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join();
}

/** How many of the earliest steps {@link EARLIEST} looks at. */
export const WINDOW = 512;

/** A holder of some of the earliest steps; or none at all, where some steps are due only after $5. */
export interface EarliestRow {
  readonly holder: Uint8Array | null;
  /** Its first; a string, as a bigint is. */
  readonly due_at: string;
  readonly steps: number;
}

/**
 * Who has the earliest steps that are due by $1, in whichever process they are online: nobody's keys are sent to find
 * that nothing is due. With $4, only those holders' steps.
 */
export const EARLIEST = `
  with earliest as (
    select holder, due_at from outbox
    where ${WAITS} and due_at <= $1 and not lane = any($2::bytea[]) and ($3 > 0 or not ${IS_UNANSWERED})
      and ($4::bytea[] is null or holder = any($4::bytea[]))
    order by due_at limit ${WINDOW})
  select holder, min(due_at) as due_at, count(*)::int as steps from earliest group by holder
  union all select null, $5::bigint, 0 where exists (select from outbox where ${WAITS} and due_at > $5)`;

/** Makes due at $1 what is due only after $2, as no wait may be that long. */
export const RECALL = `update outbox set due_at = $1 where ${WAITS} and due_at > $2`;

const DUE = `
  select holder, placement, key, step from outbox
  where ${WAITS} and due_at <= $1 and holder = any($5::bytea[]) and not lane = any($6::bytea[])`;

/**
 * First the steps with a prospect, each kind in the order in which they became due. The time since they became due is
 * waiting as well, up to $7.
 */
export const CLAIM = `
  with promising as (
    ${DUE} and not ${IS_UNANSWERED} order by due_at limit $3 for update skip locked),
  unanswered as (
    ${DUE} and ${IS_UNANSWERED}
    order by due_at limit least($4::bigint, $3::bigint - (select count(*) from promising))
    for update skip locked)
  update outbox set due_at = $2,
    waited = waited + case when due_at = ${HEARD} then 0 else greatest(0, least($1 - due_at, $7::bigint)) end
  where (holder, placement, key, step) in (select * from promising union all select * from unanswered)
  returning *`;

const NAMED =
  'outbox.holder = named.holder and outbox.placement = named.placement and outbox.key = named.key';
const THOSE = `from unnest($2::bytea[], $3::text[], $4::bytea[], $5::text[]) as named (holder, placement, key, step)
  where ${NAMED} and outbox.step = named.step`;

/** Gives rows back by their names: due at $1. */
export const GIVE_BACK = `update outbox set due_at = $1 ${THOSE}`;

/** Gives rows up by their names, with the reason $1. */
export const GIVE_UP = `update outbox set is_failed = true, last_error = $1 ${THOSE}`;
