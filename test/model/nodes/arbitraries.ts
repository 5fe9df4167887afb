import { type SimCut, type SimWeather } from '@musubi/network/nodes';
import fc from 'fast-check';
import { type Act } from '../acts/act.js';
import { Advance, AtOnce, Later } from '../acts/on-node.js';
import {
  disturbCommits,
  disturbNetwork,
  drain,
  read,
  remove,
  retry,
  sendOn,
  signIn,
  signOut,
  spoil,
} from '../arbitraries.js';
import { Brew, Cut, type Ends, Freeze, Kill, Mend, Part, Start, Stop, Thaw } from './acts.js';

export const MOST_NODES = 3;

/** Between one attempt and the next, beyond a lease, and beyond the longest pause of a dial and of an attempt. */
const WAITS_S = [3, 9, 25, 70, 330] as const;
/** To the end of a keep-alive, and of every pause. */
const PAUSES_S = [1, 50, 600] as const;
/** More than an act of sending, with everything around it, puts on one connection. */
const MOST_BYTES = 20_000;

export const weather: fc.Arbitrary<Partial<SimWeather>> = fc.record({
  delayMs: fc.constantFrom<SimWeather['delayMs']>([1, 2], [1, 20], [10, 400]),
  loss: fc.constantFrom(0, 0.02, 0.2),
});

const send = sendOn(['source-chain', 'pairwise-dht']);
const node = fc.nat({ max: MOST_NODES - 1 });
const ends: fc.Arbitrary<Ends> = fc.tuple(node, node);
const how = fc.constantFrom<SimCut['how'][]>('reset', 'half-open');
/** In the middle of a dial, of a call and of its reply, or between two attempts. */
const afterMs = fc.oneof(fc.constant(0), fc.nat({ max: 100 }), fc.nat({ max: 3000 }));

const cut = fc.tuple(ends, how, afterMs).map((parts) => new Cut(...parts));
const part = fc.tuple(ends, fc.boolean(), afterMs).map((parts) => new Part(...parts));
const freeze = fc.tuple(node, afterMs).map((parts) => new Freeze(...parts));
const thaw = fc.tuple(node, afterMs).map((parts) => new Thaw(...parts));
const kill = fc.tuple(node, how, afterMs).map((parts) => new Kill(...parts));
const storm = fc
  .record({ share: fc.constantFrom(0, 0.5, 1), bytes: fc.integer({ min: 1, max: MOST_BYTES }), how })
  .map((parts) => new Brew(parts));

/** What callers do, and what may befall them meanwhile. */
const concurrent: fc.Arbitrary<Act> = fc.oneof(
  { weight: 12, arbitrary: send },
  { weight: 6, arbitrary: read },
  { weight: 2, arbitrary: retry },
  { weight: 1, arbitrary: remove },
  { weight: 2, arbitrary: drain },
  { weight: 1, arbitrary: signOut },
  { weight: 2, arbitrary: signIn },
  { weight: 2, arbitrary: cut },
  { weight: 1, arbitrary: part },
  { weight: 1, arbitrary: freeze },
  { weight: 1, arbitrary: thaw },
  { weight: 2, arbitrary: kill },
);

const atOnce = fc.array(concurrent, { minLength: 2, maxLength: 5 }).map((acts) => new AtOnce(acts));

/** One act of any kind, the frequent ones more often. */
export const nodesAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 10, arbitrary: concurrent },
  { weight: 8, arbitrary: atOnce },
  { weight: 6, arbitrary: fc.constantFrom(...WAITS_S).map((seconds) => new Later(seconds)) },
  { weight: 1, arbitrary: fc.constantFrom(...PAUSES_S).map((seconds) => new Advance(seconds)) },
  { weight: 1, arbitrary: spoil },
  { weight: 2, arbitrary: storm },
  { weight: 1, arbitrary: fc.constant(new Mend()) },
  { weight: 1, arbitrary: node.map((index) => new Stop(index)) },
  { weight: 3, arbitrary: node.map((index) => new Start(index)) },
  { weight: 2, arbitrary: disturbNetwork },
  { weight: 2, arbitrary: disturbCommits },
);
