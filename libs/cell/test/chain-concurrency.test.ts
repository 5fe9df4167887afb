import { describe, expect, it } from '@jest/globals';
import { type ChainAuthor, type Ordering, type SourceChains } from '@musubi/cell';
import { HeadMovedError } from '@musubi/messaging';
import { NOON, authorOf, createDraft, keysOf, numbers } from './support/authors.js';
import { append, chainsOn, expectLinear, readAll, startedChain } from './support/chains.js';
import { lentDatabase } from './support/lent-database.js';

const WRITERS = 32;
const database = lentDatabase();

async function begin(name: string, ordering: Ordering): Promise<[SourceChains, ChainAuthor]> {
  const [chains, author] = [chainsOn(database(), ordering), authorOf(keysOf(name))];
  await startedChain(chains, author);
  return [chains, author];
}

interface Tally {
  readonly won: number;
  readonly refusals: readonly unknown[];
}

/** Writes at the same moment, each through one of the given chains in turn. */
async function race(author: ChainAuthor, through: readonly SourceChains[]): Promise<Tally> {
  const ways = numbers(WRITERS).flatMap((index) => through.slice(index % through.length).slice(0, 1));
  const results = await Promise.allSettled(
    ways.map((chains, index) => append(chains, author, `note ${index}`)),
  );
  const refusals = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  return { won: WRITERS - refusals.length, refusals };
}

describe('simultaneous writes under relaxed ordering', () => {
  it('all land on one line', async () => {
    const [chains, author] = await begin('relaxed', 'relaxed');
    const { won } = await race(author, [chains]);
    expect(won).toBe(WRITERS);
    await expectLinear(chains, author, 3 + WRITERS);
  });

  it('all land on one line when two processes make them', async () => {
    const [chains, author] = await begin('relaxed twice', 'relaxed');
    const { won } = await race(author, [chains, chainsOn(database())]);
    expect(won).toBe(WRITERS);
    await expectLinear(chains, author, 3 + WRITERS);
  });

  it('keep the actions of one write together', async () => {
    const [chains, author] = await begin('together', 'relaxed');
    const pairs = numbers(8).map((index) => [createDraft(`${index}a`), createDraft(`${index}b`)]);
    const written = await Promise.all(
      pairs.map((drafts) => chains.write(author, (write) => write.append(drafts, NOON))),
    );
    const seqs = written.map((actions) => actions.map(({ action }) => action.seq));
    expect(seqs.map(([first, second]) => (second ?? 0) - (first ?? 0))).toEqual(numbers(8).map(() => 1));
    await expectLinear(chains, author, 3 + 16);
  });

  it('of different authors do not wait for one another', async () => {
    const [chains, alice] = await begin('alice waits', 'relaxed');
    const [, bob] = await begin('bob does not', 'relaxed');
    await chains.write(alice, async (write) => {
      await write.append([createDraft('slow')], NOON);
      await append(chains, bob, 'quick');
    });
    await expectLinear(chains, bob, 4);
  });
});

describe('simultaneous writes under strict ordering', () => {
  it('refuse the losers with HeadMovedError', async () => {
    const [chains, author] = await begin('strict', 'strict');
    const { won, refusals } = await race(author, [chains]);
    expect(won).toBeGreaterThan(0);
    expect(refusals.every((refusal) => refusal instanceof HeadMovedError)).toBe(true);
    await expectLinear(chains, author, 3 + won);
  });

  it('keep nothing of a write whose head was moved after it looked', async () => {
    const [chains, author] = await begin('overtaken', 'strict');
    const overtaken = chains.write(author, async (write) => {
      await append(chains, author, 'overtakes');
      return write.append([createDraft('overtaken')], NOON);
    });
    await expect(overtaken).rejects.toThrow(HeadMovedError);
    await expectLinear(chains, author, 4);
  });

  it('never fork when two processes make them', async () => {
    const [chains, author] = await begin('strict twice', 'strict');
    const { won } = await race(author, [chains, chainsOn(database(), 'strict')]);
    await expectLinear(chains, author, 3 + won);
  });

  it('never fork when the other process is relaxed', async () => {
    const [chains, author] = await begin('mixed', 'strict');
    const { won } = await race(author, [chains, chainsOn(database(), 'relaxed')]);
    expect(won).toBeGreaterThanOrEqual(WRITERS / 2);
    await expectLinear(chains, author, 3 + won);
  });

  it('may be tried again', async () => {
    const [chains, author] = await begin('retry', 'strict');
    const { won } = await race(author, [chains]);
    await append(chains, author, 'alone');
    expect(await readAll(chains, author)).toHaveLength(3 + won + 1);
  });
});
