import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { activityOf } from '@musubi/observers';
import { type DataSource } from 'typeorm';
import { SimulatedClock } from '../../src/node/lab-clock.js';
import { realTime } from '../../src/node/real-time.js';
import { CommitWatch } from '../../src/simulation/commit-watch.js';
import { TestLabServer } from '../support/test-lab-server.js';

const START = 1_767_225_600_000_000;
const HOUR = 3_600_000_000;

let server: TestLabServer;
let db: DataSource;

beforeEach(async () => {
  server = new TestLabServer();
  // Nobody waits for these commits, as in a simulation.
  db = await server.open({ poolSize: 1, isDurable: false });
  await db.query('set synchronous_commit = off');
  await db.query('create table quiet (name text)');
});

afterEach(() => server.close());

async function write(): Promise<number> {
  const [row] = await db.query<{ xid: string }[]>(
    `with written as (insert into quiet values ('') returning 1) select pg_current_xact_id()::text as xid from written`,
  );
  return Number(row?.xid);
}

/** Which simulated times transactions have that were written in steps of an hour, so many in each. */
async function timesOf(counts: readonly number[]): Promise<readonly (number | undefined)[]> {
  const clock = new SimulatedClock(START);
  const watch = await CommitWatch.open(db, clock, realTime);
  const transactions: number[] = [];
  for (const [step, count] of counts.entries()) {
    clock.advanceTo(START + (step + 1) * HOUR);
    for (let written = 0; written < count; written += 1) transactions.push(await write());
    clock.now();
  }
  await watch.look();
  const acts = transactions.map((at) => ({ agent: 0, at }));
  const times = watch.timesOf(activityOf(1, acts));
  return transactions.map(times);
}

describe('simulated commit times', () => {
  it('are those of the step in which each was committed, and in order within it', async () => {
    const [first, second] = [START + HOUR, START + 2 * HOUR];
    expect(await timesOf([3, 2])).toEqual([first, first + 1, first + 2, second, second + 1]);
  });

  it('put every transaction into its own step, though steps follow at once', async () => {
    const steps = Array.from({ length: 300 }, () => 1);
    expect(await timesOf(steps)).toEqual(steps.map((_, step) => START + (step + 1) * HOUR));
  });

  it('are none, and say why, where the log is not readable', async () => {
    await db.query('set role pg_monitor');
    const watch = await CommitWatch.open(db, new SimulatedClock(START), realTime);
    await watch.look();
    expect(watch.unreadable).toBe('no-extension');
    expect(watch.timesOf(activityOf(1, [{ agent: 0, at: 7 }]))(7)).toBeUndefined();
  });
});
