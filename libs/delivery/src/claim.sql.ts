import { fromBase64Url } from '@musubi/crypto';
import { type AgentPubKey } from '@musubi/messaging';

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
const IS_UNANSWERED = `coalesce(last_error in (${UNANSWERED.map((code) => `'${code}'`).join()}), false)`;

export function wasUnanswered({ lastError }: { readonly lastError: string | null }): boolean {
  return lastError !== null && UNANSWERED.includes(lastError);
}

/** Those holders' steps, in other lanes: the parameters are numbered from there. */
function scoped(from: number): string {
  return `holder = any($${from}::bytea[]) and not lane = any($${from + 1}::bytea[])`;
}

export function scopeOf({ holders, busyLanes }: Omit<ClaimScope, 'limit'>): unknown[] {
  return [holders, busyLanes].map((names) => names.map((name) => fromBase64Url(name)));
}

const DUE = `
  select holder, placement, key, step from outbox where not is_failed and due_at <= $1 and ${scoped(5)}`;

/** First the steps with a prospect, each kind in the order in which they became due. */
export const CLAIM = `
  with promising as (
    ${DUE} and not ${IS_UNANSWERED} order by due_at limit $3 for update skip locked),
  unanswered as (
    ${DUE} and ${IS_UNANSWERED}
    order by due_at limit least($4::bigint, $3::bigint - (select count(*) from promising))
    for update skip locked)
  update outbox set due_at = $2
  where (holder, placement, key, step) in (select * from promising union all select * from unanswered)
  returning *`;

/** When the next step that could be claimed is due. */
export const NEXT_DUE = `
  select min(due_at) as due_at from outbox
  where not is_failed and ($1 > 0 or not ${IS_UNANSWERED}) and ${scoped(2)}`;
