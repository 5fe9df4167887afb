import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SeededRandom } from '@musubi/observers';
import {
  GENERATORS,
  type LabServer,
  PARTS,
  type Report,
  VARIANTS,
  compare,
  hashOf,
  startLabServer,
} from '../../src/index.js';
import { reportPage } from '../../src/page/report-page.js';
import { schemaErrors } from './schema-errors.js';

const NAMES = ['source-chain', 'global-dht'];
const SENDERS = [1, 2, 4];
const LOAD_MESSAGES = 4;

let server: LabServer;
let report: Report;
beforeAll(async () => {
  server = await startLabServer();
  const workload = GENERATORS['history-paging']({ agents: 2, messages: 12 }, new SeededRandom(1));
  const faults = [{ fault: { kind: 'reply-lost' as const }, probability: 0.1 }];
  const parameters = {
    seed: 1,
    workload: workload.name,
    agents: workload.agents,
    messages: 12,
    concurrency: SENDERS,
    redundancy: 5,
    variants: NAMES,
    faults,
    parts: PARTS,
    workloadHash: hashOf(workload),
  };
  const variants = VARIANTS.filter(({ name }) => NAMES.includes(name));
  const asked = { variants, workload, parameters, parts: PARTS, faults, loadMessages: LOAD_MESSAGES };
  const watcher = { onProgress: (): void => undefined, signal: new AbortController().signal };
  report = await compare(server, asked, watcher);
});
afterAll(() => server.close());

describe('a report of a run, with every part of it', () => {
  it('lacks nothing that was asked for', () => {
    expect(report.placements.map(({ variant }) => variant)).toEqual(NAMES);
    for (const { cost, observers, load, faults, receipts, paging, declared } of report.placements)
      expect([cost, observers, load, faults, receipts, paging, declared]).not.toContain(null);
  });

  it('is as its schema says', () => {
    expect(schemaErrors(report)).toEqual([]);
  });

  it('makes a page without holes, that fetches nothing', () => {
    const page = reportPage(report);
    expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/);
    expect(page).not.toMatch(/<script|<link|@import|url\(|(?:href|src)="(?!#)/i);
  });

  it('says of how many messages each figure of the load is', () => {
    for (const { load } of report.placements) {
      expect(load?.points.map(({ concurrency }) => concurrency)).toEqual(SENDERS);
      for (const { concurrency, rounds, acts, backToBack, timed, gaveUp, ...point } of load?.points ?? []) {
        const half = rounds * (LOAD_MESSAGES + 3 * concurrency);
        expect([acts, backToBack, timed, gaveUp]).toEqual([2 * half, half, half, 0]);
        const [slowest, fastest] = point.actsPerSecondInterval;
        expect(point.actsPerSecondRounds).toHaveLength(rounds);
        expect(slowest).toBeLessThanOrEqual(backToBack / point.seconds);
        expect(fastest).toBeGreaterThanOrEqual(backToBack / point.seconds);
      }
    }
  });

  it('has quantiles in order, and a delivery after its save', () => {
    for (const { saved, delivered } of report.placements.flatMap(({ load }) => load?.points ?? [])) {
      const [first, second] = [saved, delivered].map((times) => [times?.p50, times?.p95, times?.p99]);
      expect(first).toEqual(first?.toSorted((a, b) => (a ?? 0) - (b ?? 0)));
      expect(second).toEqual(second?.toSorted((a, b) => (a ?? 0) - (b ?? 0)));
      expect(delivered?.p50).toBeGreaterThanOrEqual(saved?.p50 ?? Infinity);
    }
  });
});
