import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lentArchive } from './support/archive.js';
import { type Meanwhile, RestoredFeed, type Write } from './support/restored-feed.js';

const archive = lentArchive();

async function openFeed(): Promise<RestoredFeed> {
  const { keyring } = archive().node.context;
  const feed = new RestoredFeed(archive(), await keyring.create(), await keyring.create());
  await feed.takeBackup();
  return feed;
}

type Step =
  | Write
  | {
      readonly step: 'poll';
      readonly from: number;
      readonly limit: number;
      readonly meanwhile: readonly Meanwhile[];
    }
  | { readonly step: 'begin' | 'start' | 'backup' };

const write = fc.constantFrom<Write['step']>('send', 'send', 'deliver', 'read', 'delete');
const number = fc.nat(9);

const limit = fc.integer({ min: 1, max: 4 });

function meanwhileOf(...others: readonly ('backup' | 'hold')[]): fc.Arbitrary<Meanwhile> {
  const step = fc.oneof(write, fc.constantFrom(...others));
  return fc.record({ before: fc.nat(4), step, message: number });
}

function stepsOf(...others: readonly ('begin' | 'start' | 'backup')[]): fc.Arbitrary<Step[]> {
  const happens = others.includes('backup') ? (['backup', 'hold'] as const) : (['hold'] as const);
  const meanwhile = fc.array(meanwhileOf(...happens), { maxLength: 3 });
  const steps = fc.oneof(
    { weight: 4, arbitrary: fc.record({ step: write, message: number }) },
    {
      weight: 4,
      arbitrary: fc.record({
        step: fc.constant('poll' as const),
        from: fc.nat(40),
        limit,
        meanwhile,
      }),
    },
    { weight: 1, arbitrary: fc.record({ step: fc.constantFrom(...others) }) },
  );
  return fc.array(steps, { minLength: 3, maxLength: 12 });
}

async function take(feed: RestoredFeed, steps: readonly Step[]): Promise<void> {
  for (const step of steps) await takeStep(feed, step);
}

async function takeStep(feed: RestoredFeed, step: Step): Promise<void> {
  if (step.step === 'poll') return feed.read(step.from, step.limit, step.meanwhile);
  if (step.step === 'begin') return feed.begin();
  if (step.step === 'backup') return feed.takeBackup();
  if ('message' in step) return feed.write(step);
  feed.start();
}

interface Race {
  readonly limit: number;
  readonly meanwhile: readonly Meanwhile[];
}

/** All is numbered, a backup is taken, and while a client reads from the beginning something changes. */
async function race(feed: RestoredFeed, { limit, meanwhile }: Race): Promise<void> {
  await feed.truth();
  await feed.takeBackup();
  await feed.read(0, limit, meanwhile);
}

/** Every cursor that was ever given out leads to what is there, or is refused as one of a lost future. */
async function expectNothingMissed(feed: RestoredFeed): Promise<void> {
  const truth = [...(await feed.truth())].sort();
  for (const given of feed.given) {
    const known = await feed.readOn(given);
    if (known === null) expect(given.isOfThisHistory).toBe(false);
    else expect([...known].sort()).toEqual(truth);
  }
}

describe('a cursor of changes, in a database that was restored', () => {
  it('misses nothing or is refused, and is never refused if the backup is of after it', async () => {
    const scenario = fc.record({
      first: stepsOf('begin', 'start', 'backup'),
      raced: fc.option(
        fc.record({ limit, meanwhile: fc.array(meanwhileOf('hold'), { minLength: 1, maxLength: 3 }) }),
      ),
      restore: fc.constantFrom('restart' as const, 'takeover' as const),
      then: stepsOf('begin', 'start'),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ first, raced, restore, then }) => {
        const feed = await openFeed();
        await take(feed, first);
        if (raced !== null) await race(feed, raced);
        await feed.restore(restore);
        await take(feed, then);
        await expectNothingMissed(feed);
      }),
      { numRuns: 25 },
    );
  });

  it('is refused when the numbers have passed it again', async () => {
    const feed = await openFeed();
    await feed.write({ step: 'send', message: 0 });
    await feed.read(0, 4);
    await feed.restore('restart');
    await feed.write({ step: 'send', message: 0 });
    await feed.write({ step: 'send', message: 0 });
    await feed.truth();

    const [, lost] = feed.given;
    expect(lost && (await feed.readOn(lost))).toBeNull();
  });

  it('is refused when it is before the backup, but a message had moved on by then', async () => {
    const feed = await openFeed();
    await feed.write({ step: 'send', message: 0 });
    await feed.write({ step: 'send', message: 0 });
    await feed.truth();
    await feed.takeBackup();
    await feed.write({ step: 'deliver', message: 0 });
    await feed.read(0, 1);
    await feed.restore('restart');

    const [, lost] = feed.given;
    expect([...(lost?.known.keys() ?? [])]).toEqual(['1']);
    expect(lost && (await feed.readOn(lost))).toBeNull();
  });

  it.each([
    ['hides a message that was there', 1],
    ['has what came with a receipt', 2],
  ])('is refused when its page %s, since something changed while it was read', async (_, before) => {
    const feed = await openFeed();
    await feed.write({ step: 'send', message: 0 });
    await feed.write({ step: 'send', message: 0 });
    await race(feed, { limit: 2, meanwhile: [{ before, step: 'deliver', message: 0 }] });
    await feed.restore('restart');

    const lost = feed.given.at(-1);
    expect(lost && (await feed.readOn(lost))).toBeNull();
  });

  it('is refused when a change that was not committed could not be numbered', async () => {
    const feed = await openFeed();
    await feed.write({ step: 'send', message: 0 });
    await feed.write({ step: 'send', message: 0 });
    const changes = [
      { before: 1, step: 'deliver', message: 0 },
      { before: 2, step: 'hold', message: 0 },
    ] as const;
    await race(feed, { limit: 2, meanwhile: changes });
    await feed.restore('restart');

    const lost = feed.given.at(-1);
    expect(lost && (await feed.readOn(lost))).toBeNull();
  });

  it('stays good through restarts, and through a server that takes over with all that was written', async () => {
    const feed = await openFeed();
    for (const how of ['restart', 'takeover', 'restart'] as const) {
      await feed.write({ step: 'send', message: 0 });
      await feed.read(feed.given.length - 1, 1);
      await feed.takeBackup();
      await feed.restore(how);
    }
    await feed.write({ step: 'send', message: 0 });

    await expectNothingMissed(feed);
    expect(feed.given.every(({ isOfThisHistory }) => isOfThisHistory)).toBe(true);
  });
});
