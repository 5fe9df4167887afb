import { type SeededRandom } from '@musubi/observers';
import { files } from './files.js';
import { smallWorld } from './small-world.js';
import { type Send, type Workload, type WorkloadSize, workloadOf } from './workload.js';

type Generator = (size: WorkloadSize, random: SeededRandom) => Workload;

const SECOND = 1_000_000;
const HOUR = 3600 * SECOND;

const send = (at: number, from: number, to: number): Send => ({ kind: 'send', at: Math.round(at), from, to });

/** One other than `agent`, each as likely as the other. */
function otherThan(agent: number, agents: number, random: SeededRandom): number {
  const other = random.below(agents - 1);
  return other < agent ? other : other + 1;
}

function times(count: number, make: (index: number) => Send): Send[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** Two agents, turn by turn. */
const pair: Generator = ({ messages }) =>
  workloadOf(
    'pair',
    2,
    times(messages, (index) => send(index * 30 * SECOND, index % 2, (index + 1) % 2)),
  );

/** Each agent with one peer of its own: as concurrent as conversations can be. */
const chainOfPairs: Generator = ({ agents, messages }, random) => {
  const pairs = Math.max(1, Math.floor(agents / 2));
  return workloadOf(
    'chain-of-pairs',
    2 * pairs,
    times(messages, () => {
      const [first, turn] = [2 * random.below(pairs), random.below(2)];
      return send(random.float() * HOUR, first + turn, first + 1 - turn);
    }),
  );
};

/** Everybody to one. */
const hotReceiver: Generator = ({ agents, messages }, random) =>
  workloadOf(
    'hot-receiver',
    agents,
    times(messages, () => send(random.float() * HOUR, 1 + random.below(agents - 1), 0)),
  );

/** One to many, within a second. */
const burst: Generator = ({ agents, messages }, random) =>
  workloadOf(
    'burst',
    agents,
    times(messages, () => send(random.float() * SECOND, 0, otherThan(0, agents, random))),
  );

/** Half of all agents are away while they are written to, and come back at the end of the hour. */
const offlineReceiver: Generator = ({ agents, messages }, random) => {
  const away = Array.from({ length: Math.floor(agents / 2) }, (_, index) => index);
  return workloadOf('offline-receiver', agents, [
    ...away.map((agent) => ({ kind: 'leave' as const, at: 0, agent })),
    ...times(messages, () => {
      const from = away.length + random.below(agents - away.length);
      return send(1 + random.float() * HOUR, from, random.below(away.length));
    }),
    ...away.map((agent) => ({ kind: 'return' as const, at: HOUR + 2, agent })),
  ]);
};

/** Two agents, turn by turn; one of them reads pages whenever there are ten times as many messages, and in the end. */
const historyPaging: Generator = ({ messages }) => {
  const sizes = [10, 100, 1000, 10_000, 100_000].filter((size) => size < messages);
  return workloadOf('history-paging', 2, [
    ...times(messages, (index) => send(index * 30 * SECOND, index % 2, (index + 1) % 2)),
    ...[...sizes, messages].map((size) => {
      return { kind: 'read-pages' as const, at: size * 30 * SECOND - 1, agent: 0, peer: 1 };
    }),
  ]);
};

export const GENERATORS = {
  pair,
  'chain-of-pairs': chainOfPairs,
  'hot-receiver': hotReceiver,
  burst,
  'small-world': smallWorld,
  'offline-receiver': offlineReceiver,
  'history-paging': historyPaging,
  files,
} as const satisfies Readonly<Record<string, Generator>>;

export type WorkloadName = keyof typeof GENERATORS;

export const WORKLOAD_NAMES = Object.keys(GENERATORS) as readonly WorkloadName[];
