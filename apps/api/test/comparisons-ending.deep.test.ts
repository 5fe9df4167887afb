import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../../../test/support/until.js';
import { COMPARISONS, LONG, type LabClient, LabService, SMALL, isAlive } from './support/lab-service.js';

let service: LabService;
let lab: LabClient;

beforeAll(async () => {
  service = await LabService.open();
  lab = await service.start();
});
afterAll(() => service.close());

/** Both processes, and the folder of the database. */
function untilNothingIsLeft(pids: readonly number[]): Promise<void> {
  return until(() => {
    const left = [...pids.filter(isAlive), ...service.left()];
    return left.length === 0 ? Promise.resolve() : Promise.reject(new Error(`left: ${left.join()}`));
  });
}

describe('a comparison that is cancelled', () => {
  it('ends with its PostgreSQL, and keeps what it measured', async () => {
    const order = { ...SMALL, variants: ['source-chain', 'pairwise-dht'], messages: 120, parts: ['cost'] };
    const id = await lab.begin(order);
    await lab.when(id, ({ progress }) => progress?.variant === 'pairwise-dht');
    const pids = await service.running();
    expect((await lab.cancel(id)).status).toBe(204);

    expect([pids.filter(isAlive), service.left()]).toEqual([[], []]);
    expect(await lab.comparison(id)).toMatchObject({
      ...{ status: 'cancelled', failure: null, progress: null },
      report: { isPartial: true, placements: [{ variant: 'source-chain' }] },
    });
    expect((await lab.request(`${COMPARISONS}/${id}/report.html`)).status).toBe(200);
    expect(await lab.measured('source-chain')).toBeNull();
  });

  it('has no report when nothing was measured, and makes room for the next', async () => {
    const id = await lab.begin(LONG);
    const pids = await service.running();
    expect((await Promise.all([lab.cancel(id), lab.cancel(id)])).map(({ status }) => status)).toEqual([
      204, 204,
    ]);

    expect(pids.filter(isAlive)).toEqual([]);
    expect(await lab.comparison(id)).toMatchObject({ status: 'cancelled', report: null });
    await lab.get('problem', `${COMPARISONS}/${id}/report.html`, { status: 404 });
    const next = await lab.begin(LONG);
    expect((await lab.cancel(next)).status).toBe(204);
    const page = await lab.comparisons('?limit=1');
    const rest = await lab.comparisons(`?after=${page.next ?? ''}`);
    expect([page.items[0]?.id, rest.items[0]?.id]).toEqual([next, id]);
  });

  it('is made to end when it does not hear', async () => {
    const id = await lab.begin(LONG);
    const pids = await service.running();
    const [, child = 0] = pids;
    process.kill(child, 'SIGSTOP');
    expect((await lab.cancel(id)).status).toBe(204);

    expect([pids.filter(isAlive), service.left()]).toEqual([[], []]);
    expect((await lab.comparison(id)).status).toBe('cancelled');
  });
});

describe('a comparison whose process is killed', () => {
  it('has failed, and leaves nothing', async () => {
    const id = await lab.begin(LONG);
    const pids = await service.running();
    process.kill(pids[1] ?? 0, 'SIGKILL');

    expect(await lab.over(id)).toMatchObject({
      status: 'failed',
      failure: { code: 'process-ended', message: expect.stringContaining('SIGKILL') },
    });
    await untilNothingIsLeft(pids);
  });
});

describe('a service that ends while it compares', () => {
  it.each([
    // 1 where it took more than 9.5 s to end, on a slow machine: then it ended by force.
    ['SIGTERM', [0, 1]],
    ['SIGKILL', [null]],
  ] as const)('by %s takes all of it along, and knows so when it is back', async (signal, codes) => {
    const id = await lab.begin(LONG);
    const pids = await service.running();
    expect(codes).toContain(await service.end(signal));
    await untilNothingIsLeft(pids);
    lab = await service.start();

    expect(await lab.comparison(id)).toMatchObject({
      ...{ status: 'failed', failure: { code: 'interrupted' }, progress: null, report: null },
    });
    const again = await lab.begin(SMALL);
    expect((await lab.over(again)).status).toBe('finished');
  });
});
