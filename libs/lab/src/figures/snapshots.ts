import { type Workload } from '../workloads/workload.js';

/** How often a party looks before it looks at the end. */
const SNAPSHOTS = 3;

/** Before which events the parties take a snapshot: the first ones of the second, third and fourth quarter of the time. */
export function snapshotsDue({ events }: Workload): ReadonlySet<number> {
  const last = events.at(-1)?.at ?? 0;
  const due = Array.from({ length: SNAPSHOTS }, (_, nth) =>
    events.findIndex(({ at }) => at >= ((nth + 1) * last) / (SNAPSHOTS + 1)),
  );
  return new Set(due);
}
