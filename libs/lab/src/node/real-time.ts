import { performance } from 'node:perf_hooks';
import { type DataSource } from 'typeorm';

/** µs since the epoch, as the machine goes and no simulation. */
export type RealTime = () => number;

export const realTime: RealTime = () => (performance.timeOrigin + performance.now()) * 1000;

const SAMPLES = 32;
const NOW = 'select (extract(epoch from clock_timestamp()) * 1000000)::bigint::text as at';

/**
 * By how much the server's clock is ahead of ours, by the fastest of some round trips (Cristian, "Probabilistic clock
 * synchronization", 1989): exact to half of it. µs
 */
export async function skewOf(db: DataSource, now: RealTime): Promise<number> {
  const samples: { trip: number; skew: number }[] = [];
  for (let taken = 0; taken < SAMPLES; taken += 1) {
    const asked = now();
    const [row] = await db.query<{ at: string }[]>(NOW);
    const answered = now();
    samples.push({ trip: answered - asked, skew: Number(row?.at) - (asked + answered) / 2 });
  }
  return samples.toSorted((one, other) => one.trip - other.trip)[0]?.skew ?? 0;
}
