import { COMMIT_STEPS } from '@musubi/cell';
import { STRATEGY_NAMES, type StrategyName } from '@musubi/messaging';
import { type NetworkFault } from '@musubi/network';
import fc from 'fast-check';
import { type Act } from './acts/act.js';
import { SetClock, Sleep } from './acts/on-clock.js';
import { Read, Remove, Retry, Spoil } from './acts/on-message.js';
import {
  Advance,
  AtOnce,
  type CommitRule,
  Crash,
  DisturbCommits,
  DisturbNetwork,
  Drain,
  Later,
  Persevere,
  type NetworkRule,
  SignIn,
  SignOut,
} from './acts/on-node.js';
import { Send } from './acts/send.js';

/** Nothing in the model is pinned. */
const STEPS = COMMIT_STEPS.filter((step) => step !== 'pin');

export const MOST_AGENTS = 5;

const FUNCTIONS = [
  'source-chain/receive_message',
  'source-chain/receive_receipt',
  'source-chain/get_receipt',
  'pairwise-dht/join_clone',
  'pairwise-dht/integrate_records',
  'pairwise-dht/get_receipt',
] as const;

/** Between one attempt and the next, and beyond a lease. */
const WAITS_S = [3, 9, 17, 25] as const;
const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;
/** Not enough for anything, to the next poll of the mailboxes, to other days, weeks and years. */
const PAUSES_S = [1, 20, DAY_S, 3 * DAY_S, 7 * DAY_S, 365 * DAY_S] as const;
/** By how much the time of day may be wrong. */
const WRONG_S = [0, HOUR_S, -HOUR_S, 40 * DAY_S, -40 * DAY_S] as const;

const agent = fc.nat({ max: MOST_AGENTS - 1 });
const message = fc.nat({ max: 19 });

const networkFault: fc.Arbitrary<NetworkFault> = fc.oneof(
  fc.constantFrom<NetworkFault[]>({ kind: 'reply-lost' }, { kind: 'duplicate' }),
  fc.constantFrom<NetworkFault[]>({ kind: 'not-sent' }, { kind: 'duplicate' }),
  fc.constantFrom<NetworkFault[]>(
    { kind: 'refused', code: 'head-moved', retryable: true },
    { kind: 'refused', code: 'not-joined', retryable: true },
    { kind: 'refused', code: 'invalid-message', retryable: false },
  ),
  fc.constantFrom<NetworkFault[]>({ kind: 'delay', ms: 3 }, { kind: 'reorder', ms: 5 }),
);

const networkRule: fc.Arbitrary<NetworkRule> = fc.record({
  fault: networkFault,
  fn: sometimes(fc.constantFrom(...FUNCTIONS)),
  to: sometimes(agent),
  times: sometimes(fc.integer({ min: 1, max: 6 })),
  probability: sometimes(fc.constantFrom(0.3, 0.7)),
});

const commitRule: fc.Arbitrary<CommitRule> = fc.record({
  fault: fc.constantFrom<CommitRule['fault'][]>(
    { kind: 'commit-fails' },
    { kind: 'head-moved' },
    { kind: 'crash-before' },
    { kind: 'crash-after' },
  ),
  step: sometimes(fc.constantFrom(...STEPS)),
  agent: sometimes(agent),
  times: fc.integer({ min: 1, max: 3 }),
  probability: sometimes(fc.constantFrom(0.3, 0.7)),
});

/** Somebody sends on one of these. */
export const sendOn = (strategies: readonly StrategyName[]): fc.Arbitrary<Act> =>
  fc
    .record({
      strategy: fc.constantFrom(...strategies),
      from: agent,
      to: fc.option(agent, { nil: undefined, freq: 12 }),
      isSavedOnly: fc.constantFrom(false, false, false, true),
    })
    .map((sending) => new Send(sending));

const send = sendOn(STRATEGY_NAMES);

export const drain = fc.constant(new Drain());
export const read = fc
  .tuple(message, fc.constantFrom(false, false, true))
  .map(([index, isReadOnly]) => new Read(index, isReadOnly));
export const retry = message.map((index) => new Retry(index));
export const remove = fc.tuple(message, fc.nat({ max: 1 })).map(([index, by]) => new Remove(index, by));
export const spoil = message.map((index) => new Spoil(index));
export const signIn = agent.map((index) => new SignIn(index));
export const signOut = agent.map((index) => new SignOut(index));
const everybody = Array.from({ length: MOST_AGENTS }, (_, index) => index);
const crash = fc
  .oneof(fc.constant(everybody), fc.subarray(everybody))
  .map((back: readonly number[]) => new Crash(back));

/** What several callers may do at once. Time stands still meanwhile: no call outlives its caller's patience. */
const concurrent: fc.Arbitrary<Act> = fc.oneof(
  { weight: 10, arbitrary: send },
  { weight: 5, arbitrary: read },
  { weight: 2, arbitrary: retry },
  { weight: 1, arbitrary: remove },
  { weight: 2, arbitrary: drain },
  { weight: 2, arbitrary: signIn },
  { weight: 1, arbitrary: signOut },
  { weight: 1, arbitrary: crash },
);

const setClock = fc
  .tuple(fc.constantFrom(...WRONG_S), fc.option(crash, { nil: undefined, freq: 1 }))
  .map(([seconds, restart]) => new SetClock(seconds, restart));
const elsewhere = fc.record({
  agents: fc.subarray(everybody),
  acts: fc.array(fc.oneof({ weight: 3, arbitrary: send }, { weight: 1, arbitrary: read }), { maxLength: 4 }),
});
const sleep = fc
  .tuple(fc.constantFrom(...PAUSES_S), elsewhere)
  .map(([seconds, there]) => new Sleep(seconds, there));

const atOnce = fc.array(concurrent, { minLength: 2, maxLength: 4 }).map((acts) => new AtOnce(acts));
export const disturbNetwork = fc
  .array(networkRule, { maxLength: 3, size: 'max' })
  .map((rules) => new DisturbNetwork(rules));
export const disturbCommits = fc
  .array(commitRule, { maxLength: 2, size: 'max' })
  .map((rules) => new DisturbCommits(rules));

/** One act of any kind, the frequent ones more often. */
export const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 12, arbitrary: concurrent },
  { weight: 5, arbitrary: atOnce },
  { weight: 6, arbitrary: fc.constantFrom(...WAITS_S).map((seconds) => new Later(seconds)) },
  { weight: 2, arbitrary: fc.constantFrom(...PAUSES_S).map((seconds) => new Advance(seconds)) },
  { weight: 1, arbitrary: spoil },
  { weight: 1, arbitrary: fc.constant(new Persevere()) },
  { weight: 2, arbitrary: setClock },
  { weight: 2, arbitrary: sleep },
  { weight: 4, arbitrary: disturbNetwork },
  { weight: 2, arbitrary: disturbCommits },
);

/** Half of the time. */
function sometimes<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> {
  return fc.option(value, { nil: undefined, freq: 2 });
}
