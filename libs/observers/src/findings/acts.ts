import { type Act, type Activity, activityOf } from '../inference/activity.js';
import { type HeldRow } from '../parties/observer.js';

/** µs since the epoch, from 2001 to 2286: what a bigint of that many digits is taken for. */
const MICROSECONDS = /^\d{16}$/;

/** Who did something when. */
export class ActSense {
  private readonly acts: Act[] = [];
  private readonly seen = new Set<string>();

  constructor(private readonly agents: number) {}

  /** @param at `timeOf` the row */
  take(agent: number | null, at: number | undefined): void {
    if (agent === null || at === undefined) return;
    // What one agent writes at one time is one act, however many rows it makes.
    const act = `${agent} ${at}`;
    if (this.seen.has(act)) return;
    this.seen.add(act);
    this.acts.push({ agent, at });
  }

  findings(): Activity {
    return activityOf(this.agents, this.acts);
  }
}

/** The observer's own clock for the row, or else the first time that stands in it. */
export function timeOf({ at, values }: HeldRow): number | undefined {
  return at ?? timeIn(values);
}

function timeIn(values: HeldRow['values']): number | undefined {
  for (const value of Object.values(values)) {
    if (value instanceof Date) return value.getTime() * 1000;
    if (typeof value === 'string' && MICROSECONDS.test(value)) return Number(value);
  }
  return undefined;
}
