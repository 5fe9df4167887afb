import { performance } from 'node:perf_hooks';
import { type HeldMessage, type Page, type PageAnchor, dayOf, parseTimestamp } from '@musubi/messaging';
import { type LabNode } from '../node/lab-node.js';
import { type PagingReport, type Quantiles } from '../report/report.js';
import { type PageReads } from '../workloads/workload.js';
import { quantilesOf } from './quantiles.js';

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

/**
 * How long a page of a conversation takes to read, with so many messages in it.
 * @param begun µs since the epoch: when the conversation began
 */
export async function pagingOf(
  node: LabNode,
  {
    reads,
    begun,
    messages,
  }: { readonly reads: PageReads; readonly begun: number; readonly messages: number },
): Promise<PagingReport> {
  const pageAt = pagesOf(node, reads);
  const { latest, day, around, before } = await placesIn(pageAt, begun);
  return {
    messages,
    reads: TIMES,
    latest: await timed(() => pageAt(latest)),
    day: await timed(() => pageAt(day)),
    around: await timed(() => pageAt(around)),
    before: before === null ? null : await timed(() => pageAt(before)),
  };
}

type PageAt = (anchor: PageAnchor) => Promise<Page<HeldMessage>>;

function pagesOf(node: LabNode, { agent, peer }: PageReads): PageAt {
  const [holder, other] = [node.agent(agent), node.agent(peer)];
  return (anchor) => node.strategy.messages.list(holder, { with: other, anchor, limit: LIMIT });
}

async function placesIn(pageAt: PageAt, begun: number): Promise<Places> {
  const day: PageAnchor = { at: 'day', day: dayOf(parseTimestamp(begun)) };
  const first = await pageAt(day);
  const oldest = first.items.at(-1);
  if (oldest === undefined) throw new Error('a conversation is read before it has begun');
  const around: PageAnchor = { at: 'around', message: oldest.message.id };
  const before: PageAnchor | null = first.next === null ? null : { at: 'before', cursor: first.next };
  return { latest: { at: 'latest' }, day, around, before };
}

async function timed(read: () => Promise<unknown>): Promise<Quantiles | null> {
  const took: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    const since = performance.now();
    await read();
    took.push(performance.now() - since);
  }
  return quantilesOf(took);
}
