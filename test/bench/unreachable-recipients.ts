import { type AgentPubKey, type MessageId, parseTimestamp } from '@musubi/messaging';
import { type OutboxEntry } from '@musubi/delivery';
import { DeliveryNode } from '@musubi/testing';
import { untilEqual } from '../support/until.js';
import { p50, p95 } from './figures.js';

/** As in the service. */
const MAX_LANES = 32;
const POOL_SIZE = 16;
/** Between the last preparation of a round and its first message, in milliseconds. */
const LEAD_MS = 500;

interface UnreachableSettings {
  readonly peers: number;
  readonly messagesEach: number;
  /** How long a call takes until it is known that nobody answers, in milliseconds. */
  readonly silenceMs: number;
  /** Messages to the one who is there, in each round. */
  readonly samples: number;
  /** Between two of them, in milliseconds. */
  readonly everyMs: number;
  /** Rounds of either kind. */
  readonly rounds: number;
}

/** Milliseconds from when a message was due until its author held the receipt: each the median of its rounds. */
export interface Latency {
  readonly p50Ms: number;
  readonly p95Ms: number;
}

export interface UnreachableReport {
  readonly settings: UnreachableSettings;
  readonly alone: Latency;
  readonly beside: Latency;
  /** The p95 beside the unreachable, by the p95 without them. */
  readonly ratio: number;
  /** Messages of both kinds of rounds that were timed: all of them. */
  readonly delivered: number;
  /** Attempts at the unreachable, in all rounds. */
  readonly attemptsInVain: number;
}

/** Rounds with and without unreachable recipients in turn, so that whatever else happens to the machine meets both. */
export async function measureUnreachable(
  settings: UnreachableSettings,
  signal: AbortSignal,
): Promise<UnreachableReport> {
  const bench = await Bench.open(settings);
  const rounds = { alone: [] as number[][], beside: [] as number[][] };
  try {
    await bench.round('alone');
    for (let round = 0; round < settings.rounds; round += 1) {
      for (const kind of ['alone', 'beside'] as const) {
        signal.throwIfAborted();
        rounds[kind].push(await bench.round(kind));
      }
    }
    const [alone, beside] = [latencyOf(rounds.alone), latencyOf(rounds.beside)];
    const delivered = [...rounds.alone, ...rounds.beside].flat().length;
    const { attemptsInVain } = bench;
    return { settings, alone, beside, ratio: beside.p95Ms / alone.p95Ms, delivered, attemptsInVain };
  } finally {
    await bench.close();
  }
}

function latencyOf(rounds: readonly (readonly number[])[]): Latency {
  return { p50Ms: p50(rounds.map(p50)), p95Ms: p50(rounds.map(p95)) };
}

class Bench {
  attemptsInVain = 0;

  private constructor(
    private readonly settings: UnreachableSettings,
    private readonly node: DeliveryNode,
    private readonly people: { readonly alice: AgentPubKey; readonly bob: AgentPubKey },
  ) {}

  static async open(settings: UnreachableSettings): Promise<Bench> {
    const jitter = (): number => Math.random();
    const node = await DeliveryNode.open({ poolSize: POOL_SIZE, maxLanes: MAX_LANES, jitter });
    const bench = new Bench(settings, node, { alice: await node.newAgent(), bob: await node.newAgent() });
    await bench.oweTheUnreachable();
    return bench;
  }

  close(): Promise<void> {
    return this.node.close();
  }

  /** Messages to agents who are away, tried once by the process that saved them. */
  private async oweTheUnreachable(): Promise<void> {
    const { node, settings } = this;
    const delay = { kind: 'delay', ms: settings.silenceMs } as const;
    const peers: AgentPubKey[] = [];
    for (let made = 0; made < settings.peers; made += 1) {
      const peer = await node.newAgent();
      await node.goOffline(peer);
      peers.push(peer);
    }
    for (const peer of peers) {
      for (let outboxKey = 0; outboxKey < settings.messagesEach; outboxKey += 1) {
        await node.attempts.first(
          this.people.alice,
          await node.save('source-chain', [this.people.alice, peer]),
        );
      }
    }
    node.faults.set(settings.silenceMs === 0 ? [] : peers.map((to) => ({ to, fault: delay })));
  }

  /** One message after another becomes due, whatever became of those before: each one's latency, in milliseconds. */
  async round(kind: 'alone' | 'beside'): Promise<number[]> {
    const { clock } = this.node;
    await this.setAside();
    const outboxKey = await this.oweSamples();
    const start = clock.now() + LEAD_MS * 1000;
    const dueAt = new Map<MessageId, number>();
    for (const [index, work] of outboxKey.entries()) {
      const due = parseTimestamp(start + index * this.settings.everyMs * 1000);
      await this.node.outbox.postpone({ ...work, attempt: 1 }, due, 'remote-call-refused/head-moved');
      dueAt.set(work.outboxKey.message, due);
    }
    if (kind === 'beside') await this.putOffTheUnreachable(start);
    return this.deliver(dueAt);
  }

  private async oweSamples(): Promise<readonly OutboxEntry[]> {
    const { node, people, settings } = this;
    const works: OutboxEntry[] = [];
    for (let made = 0; made < settings.samples; made += 1) {
      const outboxKey = await node.save('source-chain', [people.alice, people.bob]);
      const work = await node.outbox.find(node.keyring.keysOf(people.alice), outboxKey);
      if (work !== null) works.push(work);
    }
    return works;
  }

  private async deliver(dueAt: ReadonlyMap<MessageId, number>): Promise<number[]> {
    const { clock, signals } = this.node;
    const latencies: number[] = [];
    const unsubscribe = signals.subscribe(this.people.alice, ({ type, message }) => {
      const due = type === 'receipt' ? [...dueAt].find(([id]) => id === message)?.[1] : undefined;
      if (due !== undefined) latencies.push((clock.now() - due) / 1000);
    });
    const worker = this.node.startWorker();
    await untilEqual(dueAt.size, () => Promise.resolve(latencies.length));
    await worker.stop();
    unsubscribe();
    this.attemptsInVain += await this.attemptsMade();
    return latencies;
  }

  /** All that are not to be delivered wait for nothing. */
  private async setAside(): Promise<void> {
    await this.node.database.dataSource.query(
      `update outbox set is_failed = true where last_error = 'recipient-unreachable'`,
    );
  }

  /** All that are not to be delivered, as after their first attempt: due at a time, in µs. */
  private async putOffTheUnreachable(dueAt: number): Promise<void> {
    await this.node.database.dataSource.query(
      `update outbox set attempt = 1, is_failed = false, due_at = $1 where last_error = 'recipient-unreachable'`,
      [dueAt],
    );
  }

  private async attemptsMade(): Promise<number> {
    const [row] = await this.node.database.dataSource.query<{ made: number }[]>(
      'select coalesce(sum(attempt - 1), 0)::int as made from outbox',
    );
    return row?.made ?? 0;
  }
}
