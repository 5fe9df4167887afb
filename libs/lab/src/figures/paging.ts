import { performance } from 'node:perf_hooks';
import {
  type HeldMessage,
  type Page,
  type PageAnchor,
  dayOf,
  ofDay,
  parseTimestamp,
} from '@musubi/messaging';
import { type MachineWatch } from '../machine/machine-watch.js';
import { quietRounds } from '../machine/quiet-rounds.js';
import { type LabNode } from '../node/lab-node.js';
import { type PagingReport } from '../report/report.js';
import { type PageReads } from '../workloads/workload.js';
import { quantilesOf } from './quantiles.js';

/** Each kind of page, in one round. */
const TIMES = 20;
const LIMIT = 50;

/** Where each page stands. The last three lie as far back as the conversation goes: that must not make them slow. */
interface Places {
  readonly latest: PageAnchor;
  readonly day: PageAnchor;
  readonly around: PageAnchor;
  /** `null` where there is nothing older. */
  readonly before: PageAnchor | null;
}

interface PagingOptions {
  readonly reads: PageReads;
  /** When the conversation began. µs since the epoch */
  readonly begun: number;
  readonly messages: number;
  readonly machine: MachineWatch;
}

/** How long a page of a conversation takes to read, with so many messages in it. */
export async function pagingOf(
  node: LabNode,
  { reads, begun, messages, machine }: PagingOptions,
): Promise<PagingReport> {
  const pageAt = pagesOf(node, reads);
  const { latest, day, around, before } = await placesIn(pageAt, begun);
  const { rounds, validity } = await quietRounds(machine, async () => ({
    latest: await timed(() => pageAt(latest)),
    day: await timed(() => pageAt(day)),
    around: await timed(() => pageAt(around)),
    before: before === null ? [] : await timed(() => pageAt(before)),
  }));
  return {
    ...validity,
    messages,
    rounds: rounds.length,
    reads: TIMES * rounds.length,
    latest: quantilesOf(rounds.map((round) => round.latest)),
    day: quantilesOf(rounds.map((round) => round.day)),
    around: quantilesOf(rounds.map((round) => round.around)),
    before: quantilesOf(rounds.map((round) => round.before)),
  };
}

type PageAt = (anchor: PageAnchor) => Promise<Page<HeldMessage>>;

function pagesOf(node: LabNode, { agent, peer }: PageReads): PageAt {
  const [holder, other] = [node.agent(agent), node.agent(peer)];
  return (anchor) => node.strategy.messages.list(holder, { with: other, anchor, limit: LIMIT });
}

async function placesIn(pageAt: PageAt, begun: number): Promise<Places> {
  const day = ofDay(dayOf(parseTimestamp(begun)));
  const first = await pageAt(day);
  const oldest = first.items.at(-1);
  if (oldest === undefined) throw new Error('a conversation is read before it has begun');
  const around: PageAnchor = { at: 'around', message: oldest.message.id };
  const before: PageAnchor | null = first.next === null ? null : { at: 'before', cursor: first.next };
  return { latest: { at: 'latest' }, day, around, before };
}

/** In milliseconds. */
async function timed(read: () => Promise<unknown>): Promise<readonly number[]> {
  const took: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    const since = performance.now();
    await read();
    took.push(performance.now() - since);
  }
  return took;
}
