import { COMMIT_STEPS } from '@musubi/cell';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { type NetworkFault } from '@musubi/network';
import fc from 'fast-check';
import { type Act } from './acts/act.js';
import { Read, Remove, Retry } from './acts/on-message.js';
import {
  Advance,
  AtOnce,
  type CommitRule,
  Crash,
  DisturbCommits,
  DisturbNetwork,
  Drain,
  type NetworkRule,
  SignIn,
  SignOut,
} from './acts/on-node.js';
import { Send } from './acts/send.js';

export const MOST_AGENTS = 5;

const FUNCTIONS = [
  'source-chain/receive_message',
  'source-chain/receive_receipt',
  'source-chain/get_receipt',
  'pairwise-dht/join_clone',
  'pairwise-dht/integrate_records',
  'pairwise-dht/get_receipt',
] as const;

/** Between the first and the second attempt, between later ones, beyond a lease, to the next poll, days. */
const PAUSES_S = [1, 3, 9, 25, 700, 86_400, 3 * 86_400] as const;

const agent = fc.nat({ max: MOST_AGENTS - 1 });
const message = fc.nat({ max: 19 });

const networkFault: fc.Arbitrary<NetworkFault> = fc.oneof(
  fc.constantFrom<NetworkFault[]>({ kind: 'not-sent' }, { kind: 'reply-lost' }, { kind: 'duplicate' }),
  fc.constantFrom<NetworkFault[]>(
    { kind: 'refused', code: 'head-moved', retryable: true },
    { kind: 'refused', code: 'not-joined', retryable: true },
    { kind: 'refused', code: 'invalid-message', retryable: false },
  ),
  fc.constantFrom<NetworkFault[]>({ kind: 'delay', ms: 3 }, { kind: 'reorder', ms: 5 }),
);

const bounds = {
  times: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
  probability: fc.option(fc.constantFrom(0.3, 0.7), { nil: undefined }),
};

const networkRule: fc.Arbitrary<NetworkRule> = fc.record({
  fault: networkFault,
  fn: fc.option(fc.constantFrom(...FUNCTIONS), { nil: undefined }),
  to: fc.option(agent, { nil: undefined }),
  ...bounds,
});

const commitRule: fc.Arbitrary<CommitRule> = fc.record({
  fault: fc.constantFrom<CommitRule['fault'][]>(
    { kind: 'commit-fails' },
    { kind: 'head-moved' },
    { kind: 'crash-before' },
    { kind: 'crash-after' },
  ),
  step: fc.option(fc.constantFrom(...COMMIT_STEPS), { nil: undefined }),
  agent: fc.option(agent, { nil: undefined }),
  times: fc.integer({ min: 1, max: 3 }),
  probability: bounds.probability,
});

const send = fc
  .record({
    strategy: fc.constantFrom(...STRATEGY_NAMES),
    from: agent,
    to: agent,
    isSavedOnly: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
  })
  .map((sending) => new Send(sending));

const drain = fc.constant(new Drain());
const signIn = agent.map((index) => new SignIn(index));
const signOut = agent.map((index) => new SignOut(index));
const crash = fc.uniqueArray(agent, { maxLength: MOST_AGENTS }).map((back) => new Crash(back));

/** What several callers may do at once. Time stands still meanwhile, lest a call should outlive its caller's patience. */
const concurrent: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: send },
  {
    weight: 3,
    arbitrary: fc.oneof(
      message.map((index) => new Read(index)),
      message.map((index) => new Retry(index)),
    ),
  },
  { weight: 1, arbitrary: fc.tuple(message, fc.nat({ max: 1 })).map(([index, by]) => new Remove(index, by)) },
  { weight: 2, arbitrary: drain },
  { weight: 2, arbitrary: fc.oneof(signIn, signOut) },
  { weight: 1, arbitrary: crash },
);

/** One act of any kind, the frequent ones more often. */
export const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 12, arbitrary: concurrent },
  {
    weight: 4,
    arbitrary: fc.array(concurrent, { minLength: 2, maxLength: 4 }).map((acts) => new AtOnce(acts)),
  },
  { weight: 3, arbitrary: fc.constantFrom(...PAUSES_S).map((seconds) => new Advance(seconds)) },
  {
    weight: 3,
    arbitrary: fc.array(networkRule, { maxLength: 3 }).map((rules) => new DisturbNetwork(rules)),
  },
  {
    weight: 2,
    arbitrary: fc.array(commitRule, { maxLength: 2 }).map((rules) => new DisturbCommits(rules)),
  },
);
