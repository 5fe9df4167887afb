import { setTimeout as sleepFor } from 'node:timers/promises';

/** One thing that was started, and how it ends. */
export interface Stop {
  /** As in "It did not end in time: HTTP." */
  readonly name: string;
  /** @param msLeft until everything should have ended */
  readonly run: (msLeft: number) => Promise<void>;
  /** Milliseconds; all that are left when absent. */
  readonly within?: number;
  /** Makes it end when it has not ended in time. */
  readonly force?: () => void;
}

/** How long what was forced to end may take, in milliseconds. */
const FORCED_MS = 500;

/** Ends what was started, the latest first. Each has a bound, so that one that hangs costs its own time only. */
export class Stops {
  private readonly stops: Stop[] = [];
  private running: Promise<readonly string[]> | undefined;

  /** @param withinMs for all of them together */
  constructor(private readonly withinMs: number) {}

  add(stop: Stop): void {
    this.stops.push(stop);
  }

  /** Never rejects. @returns a sentence for each that did not end as it should; repeatable */
  run(): Promise<readonly string[]> {
    this.running ??= this.runAll();
    return this.running;
  }

  private async runAll(): Promise<readonly string[]> {
    const complaints: string[] = [];
    const end = performance.now() + this.withinMs;
    for (let stop = this.stops.pop(); stop !== undefined; stop = this.stops.pop()) {
      const complaint = await runOne(stop, Math.max(0, end - performance.now()));
      if (complaint !== null) complaints.push(complaint);
    }
    return complaints;
  }
}

async function runOne({ name, run, within, force }: Stop, msLeft: number): Promise<string | null> {
  const limit = within ?? msLeft;
  const ended = run(msLeft).then(
    () => null,
    (error: unknown) => `${name} did not end well: ${error instanceof Error ? error.message : String(error)}`,
  );
  const inTime = await settledWithin(ended, limit);
  if (inTime !== undefined) return inTime;
  force?.();
  const forced = force === undefined ? undefined : await settledWithin(ended, FORCED_MS);
  return forced === undefined ? `${name} did not end within ${(limit / 1000).toFixed(1)} s.` : null;
}

/** `undefined` when it takes longer. */
async function settledWithin<Value>(promise: Promise<Value>, ms: number): Promise<Value | undefined> {
  const over = new AbortController();
  const late = sleepFor(ms, undefined, { signal: over.signal }).catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    over.abort();
  }
}
