import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Fleet } from './fleet.js';
import { measureStopped } from './one-stopped.js';

const PEERS = 8;
/** Of the p95 to the other seven. */
const HIGHEST_RATIO = 2;
/** Rounds are short and their p95 noisy: below this a difference says nothing. */
const NOISE_MS = 250;

let fleet: Fleet;

beforeAll(async () => {
  fleet = await Fleet.start(1 + PEERS, { LOG_LEVEL: 'error' });
});

afterAll(() => fleet.close());

it('writes to seven peers as fast as before while the eighth is stopped', async () => {
  const report = await measureStopped(fleet, { rounds: 5, messagesEach: 20, everyMs: 50 });

  console.log(
    `p95 to seven peers: ${report.undisturbedMs.toFixed(0)} ms, and ${report.besideMs.toFixed(0)} ms while the eighth ` +
      `is stopped (${report.sentInVain} messages to it); median of the rounds' ratios ${report.ratio.toFixed(2)}`,
  );
  expect(report.sentInVain).toBeGreaterThan(0);
  // A message that waited for the stopped one would wait for its calls to time out, 10 s each.
  expect(report.besideMs).toBeLessThan(Math.max(HIGHEST_RATIO * report.undisturbedMs, NOISE_MS));
});
