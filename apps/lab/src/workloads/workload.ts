import { createHash } from 'node:crypto';

/** One message that is to be sent. Times are µs from the start of the workload; agents are numbers from 0. */
export interface Send {
  readonly kind: 'send';
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

/** An agent leaves, or comes back. */
export interface Presence {
  readonly kind: 'leave' | 'return';
  readonly at: number;
  readonly agent: number;
}

export type WorkloadEvent = Send | Presence;

/** Who does what when: the same for every placement that is compared. */
export interface Workload {
  readonly name: string;
  readonly agents: number;
  /** In order of time. */
  readonly events: readonly WorkloadEvent[];
}

/** How big a workload is to be; a pair has two agents, whatever is asked for. */
export interface WorkloadSize {
  readonly agents: number;
  readonly messages: number;
}

export function sendsOf({ events }: Workload): readonly Send[] {
  return events.filter((event) => event.kind === 'send');
}

/** @param events in any order; those of one time keep theirs */
export function workloadOf(name: string, agents: number, events: readonly WorkloadEvent[]): Workload {
  return { name, agents, events: events.toSorted((a, b) => a.at - b.at) };
}

/** SHA-256 of agents and events, in hexadecimal digits. */
export function hashOf({ agents, events }: Workload): string {
  const hash = createHash('sha256').update(String(agents));
  for (const event of events) hash.update(JSON.stringify(event));
  return hash.digest('hex');
}
