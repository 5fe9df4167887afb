import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COMPARISONS, LONG, type LabClient, LabService, SMALL } from './support/lab-service.js';

const KEEPING_ONE = { LAB: '1', LAB_COMPARISONS: '1' };

let service: LabService;
let lab: LabClient;

beforeAll(async () => {
  service = await LabService.open();
  lab = await service.start(KEEPING_ONE);
});
afterAll(() => service.close());

async function finished(): Promise<string> {
  const id = await lab.begin(SMALL);
  await lab.over(id);
  return id;
}

async function cancelled(): Promise<string> {
  const id = await lab.begin(LONG);
  await lab.cancel(id);
  return id;
}

async function listed(): Promise<readonly string[]> {
  return (await lab.comparisons()).items.map(({ id }) => id);
}

async function expectGone(id: string): Promise<void> {
  for (const [method, rest] of [
    ['GET', ''],
    ['DELETE', ''],
    ['GET', '/report.html'],
  ] as const) {
    const problem = await lab.get('problem', `${COMPARISONS}/${id}${rest}`, { method, status: 404 });
    expect(problem.type).toBe('urn:musubi:problem:not-found');
  }
  expect(existsSync(join(service.dataDir, 'lab', id))).toBe(false);
}

describe('comparisons that are over', () => {
  it('go when another begins, the oldest first, but for what a card is made from', async () => {
    const measured = await finished();
    const oldest = await cancelled();
    const older = await cancelled();
    expect(await listed()).toEqual([older, oldest, measured]);

    const running = await lab.begin(LONG);
    expect(await listed()).toEqual([running, older, measured]);
    await expectGone(oldest);
    await lab.cancel(running);
  });

  it('leave their card to a service that starts again', async () => {
    const card = await lab.measured('source-chain');
    await service.end('SIGTERM');
    lab = await service.start(KEEPING_ONE);
    expect(card).not.toBeNull();
    expect(await lab.measured('source-chain')).toEqual(card);
  });

  it('go, too, when a later one has made the card', async () => {
    const first = (await listed()).at(-1) ?? '';
    const later = await finished();
    const last = await cancelled();

    expect(await listed()).toEqual([last, later]);
    await expectGone(first);
  });
});
