import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fromBase64Url } from '@musubi/crypto';
import { STRATEGY_NAMES, type StrategyName, parseAgentPubKey } from '@musubi/messaging';
import {
  PairTable,
  RedisTap,
  SeededRandom,
  type TappedFrame,
  auc,
  examine,
  messagesBetween,
  placesOf,
  rankPairs,
  retimed,
  soonAfterScores,
} from '@musubi/observers';
import { type Agent } from '../../apps/api/test/support/client.js';
import { makeRedisSeal } from '../../apps/api/src/node/redis-seal.js';
import {
  type MonitoredCommand,
  type MonitoredFrame,
  commandsIn,
  framesIn,
} from '../support/redis-monitor.js';
import { type TestRedis, openTestRedis, watchRedis } from '../support/test-redis.js';
import { TwoProcesses } from '../support/two-processes.js';
import { until } from '../support/until.js';

const NODE_SECRET = `${'c'.repeat(42)}A`;
const PASSPHRASE = 'correct horse battery staple';
const AGENTS = 8;
const MESSAGES = 40;
/** Texts up to here share the smallest size class, whatever carries them. */
const SHORT_TEXT = 250;
/** That size class, sealed. */
const FRAME_BYTES = 2048 + 40;
/** Who writes to whom: a ring, and a chord. */
const PEERS = [...Array.from({ length: AGENTS }, (_, agent) => [agent, (agent + 3) % AGENTS]), [0, 4]];
/** An act is four frames at most, of which three follow on the first: call, message told of, reply, receipt told of. */
const WINDOW = 3;

const random = new SeededRandom(9);
const SENDS = Array.from({ length: MESSAGES }, (_, index) => {
  const [a = 0, b = 0] = PEERS[random.below(PEERS.length)] ?? [];
  const text = 'x'.repeat(((index + 1) * SHORT_TEXT) / MESSAGES);
  return random.below(2) === 0 ? { from: a, to: b, text } : { from: b, to: a, text };
});
const truth = messagesBetween(AGENTS, SENDS);

/** Commands that leave nothing behind, and the one that takes a name for a while. */
const PASSING = new Set(['PUBLISH', 'SUBSCRIBE', 'UNSUBSCRIBE', 'PING', 'CLIENT', 'HELLO', 'INFO', 'SET']);

const seal = makeRedisSeal(fromBase64Url(NODE_SECRET));

let redis: TestRedis;
let node: TwoProcesses;
let agents: readonly Agent[];

beforeAll(async () => {
  redis = await openTestRedis();
  node = await TwoProcesses.open(0, { REDIS_URL: redis.url, NODE_SECRET });
  const made: Agent[] = [];
  // Each is signed in at one of the two, so that half of the messages have to cross.
  for (let index = 0; index < AGENTS; index += 1) {
    made.push(await clientOf(index).newAgent(`agent ${index}`, PASSPHRASE));
  }
  agents = made;
});

afterAll(async () => {
  await node.close();
  await redis.close();
});

function clientOf(agent: number): TwoProcesses['clients'][number] {
  return node.clients[agent % 2 === 0 ? 0 : 1];
}

/** All that Redis is told while messages are sent, one after another, each until its author knows of its delivery. */
async function monitored(strategy: StrategyName): Promise<readonly MonitoredCommand[]> {
  const watched = await watchRedis(redis);
  for (const { from, to, text } of SENDS) {
    const [author, recipient] = [agentAt(from), agentAt(to)];
    const { id } = await clientOf(from).send(strategy, author, recipient, { text });
    await until(async () => {
      const path = `/v1/strategies/${strategy}/messages/${id}`;
      const { status } = await clientOf(from).get('message', path, { token: author.token });
      expect(status).toBe('delivered');
    });
  }
  watched.close();
  return commandsIn(watched.seen());
}

function agentAt(index: number): Agent {
  const agent = agents[index];
  if (agent === undefined) throw new RangeError('no such agent');
  return agent;
}

/** What channels tell of one another, given to the agents whose channels they are: as if their names were known. */
function unmasked(channels: readonly string[], linked: PairTable): PairTable {
  const ownerOf = new Map(
    agents.flatMap(({ agent }, index) =>
      ['signal', 'call'].map((kind) => [seal.channelOf(`${kind}/${agent}`), index] as const),
    ),
  );
  const owners = channels.map((channel) => ownerOf.get(channel));
  const table = new PairTable(AGENTS);
  owners.forEach((a, one) => {
    owners.forEach((b, other) => {
      if (a !== undefined && b !== undefined && a !== b) table.add(a, b, linked.at(one, other));
    });
  });
  return table;
}

const areaOf = (scores: PairTable): number => auc(rankPairs(scores, truth));

/** How much of the graph is told by which channel carries a frame soon after which, up to the names. */
function areaByTime(frames: readonly TappedFrame[]): number {
  const { channels, activity } = new RedisTap(frames).pseudonyms();
  const inOrder = retimed(activity, placesOf(activity));
  return areaOf(unmasked(channels, soonAfterScores(inOrder, { window: WINDOW })));
}

/** A frame as the node alone knows it. */
interface KnownFrame {
  /** The type of a signal; a call; a reply. */
  readonly kind: string;
  /** As it passed Redis. */
  readonly padded: number;
  /** As it would have been, but for the 40 bytes of the seal that all have. */
  readonly unpadded: number;
}

function known({ channel, bytes, sealed }: MonitoredFrame): KnownFrame {
  const content = seal.open(channel, sealed);
  if (content === null) throw new Error('the node did not seal this frame');
  const [, signal] = /"signal":{"type":"([a-z-]+)"/.exec(Buffer.from(content).toString()) ?? [];
  const isCall = agents.some(({ agent }) => seal.channelOf(`call/${agent}`) === channel);
  return { kind: signal ?? (isCall ? 'call' : 'reply'), padded: bytes, unpadded: content.length };
}

function kindsByLength(
  frames: readonly KnownFrame[],
  length: 'padded' | 'unpadded',
): ReadonlyMap<number, ReadonlySet<string>> {
  const kinds = new Map<number, Set<string>>();
  for (const frame of frames)
    kinds.set(frame[length], (kinds.get(frame[length]) ?? new Set()).add(frame.kind));
  return kinds;
}

describe.each(STRATEGY_NAMES)('who runs the Redis of two processes that send on %s', (strategy) => {
  let commands: readonly MonitoredCommand[];
  beforeAll(async () => {
    commands = await monitored(strategy);
  });

  it('learns of no agent who writes to whom, but of channels without names which belong together', async () => {
    const frames = framesIn(commands);
    const keys = agents.map(({ agent }) => parseAgentPubKey(agent));
    const { evidence, activity, sizes } = await examine(new RedisTap(frames), { agents: keys });

    expect(frames.length).toBeGreaterThan(2 * MESSAGES);
    expect([evidence.witnesses, activity.at.length, sizes.classes]).toEqual([[], 0, []]);
    expect(areaByTime(frames)).toBeGreaterThan(0.85);
  });

  it('cannot tell by its length what a frame is, as it could if frames were not padded', () => {
    const frames = framesIn(commands).map(known);
    const [padded, unpadded] = [kindsByLength(frames, 'padded'), kindsByLength(frames, 'unpadded')];

    expect([...padded.keys()]).toEqual([FRAME_BYTES]);
    expect(padded.get(FRAME_BYTES)?.size).toBeGreaterThanOrEqual(3);
    expect([...unpadded.values()].every(({ size }) => size === 1)).toBe(true);
  });

  it('finds nothing stored but that calls were taken, each under a name that comes once', () => {
    const stored = commands.filter(({ name }) => name === 'SET');
    const others = new Set(commands.map(({ name }) => name).filter((name) => !PASSING.has(name)));

    expect([...others]).toEqual([]);
    expect(stored.every(({ arguments: [, value, ...flags] }) => value === '1' && flags.includes('PX'))).toBe(
      true,
    );
    expect(new Set(stored.map(({ arguments: [name] }) => name)).size).toBe(stored.length);
  });
});
