import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../../../test/support/until.js';
import { COMPARISONS, LONG, type LabClient, LabService, SMALL } from './support/lab-service.js';
import { ServiceEndedError } from './support/service-process.js';

let service: LabService;
let lab: LabClient;
const NEVER = '20260101000000000-000000';

beforeAll(async () => {
  service = await LabService.open();
  lab = await service.start();
});
afterAll(() => service.close());

describe('comparisons over HTTP', () => {
  it('are described', async () => {
    const document = await (await lab.request('/openapi.json')).text();

    for (const path of [
      COMPARISONS,
      `${COMPARISONS}/{comparison}`,
      `${COMPARISONS}/{comparison}/report.html`,
    ])
      expect(document).toContain(`"${path}"`);
    expect(document).toContain('"202":');
    expect(document).toContain('"redundancy"');
  });

  it.each([
    ['an unknown variant', { variants: ['source-chain', 'nowhere'] }, 'variants.1'],
    ['more than a machine should be asked for', { ...SMALL, messages: 100_000 }, 'messages'],
    ['variants of no strategy that is asked for', { ...SMALL, strategies: ['global-dht'] }, 'variants'],
    ['what it does not know', { ...SMALL, out: '/etc' }, ''],
  ])('refuse %s, and start nothing', async (_, body, path) => {
    const problem = await lab.get('problem', COMPARISONS, { body, status: 422 });

    expect(problem.type).toBe('urn:musubi:problem:invalid');
    expect(problem.errors?.map((error) => error.path)).toEqual([path]);
    expect((await lab.comparisons()).items).toEqual([]);
    expect(existsSync(join(service.dataDir, 'lab'))).toBe(false);
  });

  it.each([
    ['GET', ''],
    ['DELETE', ''],
    ['GET', '/report.html'],
  ])('know nothing of one that never was: %s …%s', async (method, rest) => {
    for (const id of [NEVER, '..%2F..%2Fetc']) {
      const problem = await lab.get('problem', `${COMPARISONS}/${id}${rest}`, { method, status: 404 });
      expect(problem.type).toBe('urn:musubi:problem:not-found');
    }
  });
});

describe('a comparison', () => {
  let id: string;
  /** The one before it. */
  let cancelled: string;

  it('is accepted; a second one is refused until it is over, and so is its page', async () => {
    const answer = await lab.request(COMPARISONS, { body: LONG });
    cancelled = answer.headers.get('location')?.split('/').at(-1) ?? '';
    const accepted: unknown = await answer.json();
    const second = await lab.get('problem', COMPARISONS, { body: SMALL, status: 409 });
    const page = await lab.get('problem', `${COMPARISONS}/${cancelled}/report.html`, { status: 409 });

    expect([answer.status, accepted]).toEqual([
      202,
      expect.objectContaining({ id: cancelled, status: 'running', endedAt: null, report: null }),
    ]);
    expect([second.type, page.type]).toEqual(Array(2).fill('urn:musubi:problem:comparison-running'));
    expect([second.detail, second.retryable]).toEqual([expect.stringContaining(cancelled), true]);
  });

  it('tells how far it is, and makes room for the next when it is cancelled', async () => {
    const { progress } = await lab.when(cancelled, (one) => one.progress?.variant === 'pairwise-dht');

    expect(progress).toMatchObject({ step: expect.any(String), done: expect.any(Number) });
    expect((await lab.cancel(cancelled)).status).toBe(204);
    expect(await lab.measured('source-chain')).toBeNull();
    id = await lab.begin({ ...SMALL, seed: 4711 });
  });

  it('finishes with its report and its page, and leaves nothing else', async () => {
    const over = await lab.over(id);
    const page = await lab.request(`${COMPARISONS}/${id}/report.html`);
    const html = await page.text();

    expect(over).toMatchObject({
      ...{ status: 'finished', failure: null, progress: null },
      asked: { workload: 'pair', seed: 4711, variants: ['source-chain'] },
      report: { isPartial: false, parameters: { seed: 4711, messages: 8 }, placements: [{}] },
    });
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect([html.slice(0, 15), html.includes('seed 4711')]).toEqual(['<!doctype html>', true]);
    expect(service.left()).toEqual([]);
  });

  it('stays as it is when it is cancelled after its end', async () => {
    const before = await lab.comparison(id);

    expect((await lab.cancel(id)).status).toBe(204);
    expect(await lab.comparison(id)).toEqual(before);
  });

  it('gives the strategy that it measured a card, and no other', async () => {
    expect(await until(() => lab.measured('source-chain'))).toMatchObject({
      ...{ variant: 'source-chain', integrity: { isHeld: true }, contradictions: [] },
      run: { seed: 4711, workload: 'pair', messages: 8, machine: { node: process.version } },
      traits: { concurrency: null, cost: { samples: { messages: 30 } } },
    });
    expect(await lab.measured('global-dht')).toBeNull();
  });

  it('is there after a restart, on the list and on the card, which needs no LAB=1', async () => {
    const before = await lab.comparison(id);
    const card = await lab.measured('source-chain');
    await service.end('SIGTERM');
    lab = await service.start();
    expect([await lab.comparison(id), await lab.comparisons()]).toEqual([
      before,
      {
        items: [{ ...before, report: undefined }, expect.objectContaining({ id: cancelled })],
        next: null,
        prev: null,
      },
    ]);
    await service.end('SIGTERM');
    const plain = await service.start({});

    expect(await plain.measured('source-chain')).toEqual(card);
    expect((await plain.request(COMPARISONS)).status).toBe(404);
    expect((await plain.request(`${COMPARISONS}/${id}/report.html`)).status).toBe(404);
    expect((await plain.request(COMPARISONS, { body: SMALL })).status).toBe(404);
    expect(await (await plain.request('/openapi.json')).text()).not.toContain('lab/');
  });

  it('makes a card from where LAB_REPORT says, too', async () => {
    const report = join(service.dataDir, 'lab', id, 'report.json');
    const elsewhere = { DATA_DIR: join(service.dataDir, 'other'), LAB_REPORT: report };
    const named = await service.start(elsewhere);

    expect(await named.measured('source-chain')).toMatchObject({ run: { seed: 4711 } });
  });

  it.each([
    ['is not there', 'none.json', 'ENOENT'],
    ['is no report', 'comparison.json', 'not a report (schema: '],
  ])('is not to be had from a LAB_REPORT that %s: the service says so and ends', async (_, name, reason) => {
    const path = join(service.dataDir, 'lab', id, name);
    const error: unknown = await service.start({ LAB_REPORT: path }).catch((caught: unknown) => caught);
    if (!(error instanceof ServiceEndedError)) throw new Error('it should have ended');

    expect([error.exitCode, error.output]).toEqual([2, expect.stringContaining(`LAB_REPORT: ${path} is no`)]);
    expect(error.output).toContain(reason);
  });
});
