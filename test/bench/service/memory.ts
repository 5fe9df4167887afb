import { setTimeout as sleep } from 'node:timers/promises';
import { type StrategyName } from '@musubi/messaging';
import { type Crowd } from './crowd.js';
import { type HttpClient } from './http-client.js';
import { type Ledger } from './ledger.js';
import { runLoad } from './load.js';
import { type MemoryReport } from './report.js';
import { type Memory, type Served } from './served.js';

const CONCURRENCY = 32;
const SAMPLE_MS = 250;
const AT_REST_MS = 5000;

interface MemoryParts {
  readonly served: Served;
  readonly client: HttpClient;
  readonly crowd: Crowd;
  readonly ledger: Ledger;
  readonly placements: readonly StrategyName[];
}

type MemoryInUse = Omit<MemoryReport, 'idle'>;

/** Bytes of a service that has served nobody yet, some seconds after its start, as it is. */
export async function memoryAtRest(served: Served): Promise<Memory> {
  await sleep(AT_REST_MS);
  return served.memory(false);
}

/** Bytes of the service after a tenth of the acts, at most while the rest is under way, and after them. */
export async function measureMemory(parts: MemoryParts, acts: number): Promise<MemoryInUse> {
  await sendOnAll(parts, Math.ceil(acts / 10));
  const warm = await parts.served.memory(true);
  const done = new AbortController();
  const watched = most(parts.served, done.signal);
  await sendOnAll(parts, acts - Math.ceil(acts / 10));
  done.abort();
  const underLoad = await watched;
  return { acts, warm, underLoad, after: await parts.served.memory(true) };
}

async function sendOnAll({ client, crowd, ledger, placements }: MemoryParts, acts: number): Promise<void> {
  for (const placement of placements) {
    const routes = await crowd.pairs(placement, Math.min(CONCURRENCY, crowd.half));
    const load = { placement, routes, seconds: Number.POSITIVE_INFINITY, acts: acts / placements.length };
    ledger.note((await runLoad(client, load)).sent);
  }
}

async function most(served: Served, signal: AbortSignal): Promise<Memory> {
  let seen = await served.memory(false);
  while (!signal.aborted) {
    await sleep(SAMPLE_MS);
    const { rss, heapUsed } = await served.memory(false);
    seen = { rss: Math.max(seen.rss, rss), heapUsed: Math.max(seen.heapUsed, heapUsed) };
  }
  return seen;
}
