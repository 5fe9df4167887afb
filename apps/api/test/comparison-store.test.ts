import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ComparisonStore } from '../src/lab/comparison.store.js';

const DAY_MS = 86_400_000;

let dataDir: string;
let store: ComparisonStore;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'musubi-comparisons-'));
  store = new ComparisonStore({ dataDir, labComparisons: 2 });
});

afterEach(() => rm(dataDir, { recursive: true, force: true }));

/** A comparison that began so many days from now. */
async function begun(days: number): Promise<string> {
  const id = ComparisonStore.newId(new Date(Date.now() + days * DAY_MS));
  await mkdir(store.folderOf(id), { recursive: true });
  return id;
}

describe('the comparisons that are kept', () => {
  it('are listed from the latest on, those of the future last', async () => {
    const ahead = await begun(40);
    const [older, later] = [await begun(-2), await begun(-1)];

    expect(await store.ids()).toEqual([later, older, ahead]);
  });

  it('never go in favour of one that a wrong clock began', async () => {
    await begun(40);
    const [older, later] = [await begun(-2), await begun(-1)];

    await store.removeOldest(() => Promise.resolve(new Set()));

    expect(await store.ids()).toEqual([later, older]);
  });
});
