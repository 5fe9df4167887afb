import { expect } from '@jest/globals';
import {
  type ChainAuthor,
  type Ordering,
  type SignedAction,
  SourceChains,
  type StoredAction,
  cellDatabase,
  isAuthentic,
} from '@musubi/cell';
import { fromBase64Url } from '@musubi/crypto';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { GENESIS, NOON, createDraft } from './authors.js';

export function openCellDatabase(): Promise<TestDatabase> {
  return openTestDatabase(cellDatabase, { poolSize: 8 });
}

export function chainsOn({ dataSource }: TestDatabase, ordering: Ordering = 'relaxed'): SourceChains {
  return new SourceChains(dataSource, { ordering });
}

/** Makes the server refuse every commit with an action of this author's. @returns what ends that */
export async function refuseCommits(
  { dataSource }: TestDatabase,
  author: ChainAuthor,
): Promise<() => Promise<void>> {
  const bytes = Buffer.from(fromBase64Url(author.agent)).toString('hex');
  await dataSource.query(`
    create function cut() returns trigger language plpgsql as $$ begin raise exception 'cut'; end $$;
    create constraint trigger cut after insert on action deferrable initially deferred
      for each row when (new.author = '\\x${bytes}') execute function cut()`);
  return async () => {
    await dataSource.query('drop function cut cascade');
  };
}

/** Appends one public entry. */
export function append(
  chains: SourceChains,
  author: ChainAuthor,
  text: string,
): Promise<readonly SignedAction[]> {
  return chains.write(author, (write) => write.append([createDraft(text)], NOON));
}

export async function startedChain(chains: SourceChains, author: ChainAuthor): Promise<void> {
  await chains.start(author, GENESIS);
}

export function readAll(
  chains: SourceChains,
  { space, agent }: ChainAuthor,
): Promise<readonly StoredAction[]> {
  return chains.read({ space, author: agent, seq: 0, count: 1000 });
}

/** One line of authentic actions without a gap, of so many, that ends at the head. */
export async function expectLinear(chains: SourceChains, author: ChainAuthor, length: number): Promise<void> {
  const actions = (await readAll(chains, author)).map(({ signed }) => signed);
  expect(actions.map(({ action }) => action.seq)).toEqual(Array.from({ length }, (_, seq) => seq));
  expect(actions.map(({ action }) => action.prev)).toEqual([
    null,
    ...actions.slice(0, -1).map(({ hash }) => hash),
  ]);
  expect(actions.every(isAuthentic)).toBe(true);
  const last = actions.at(-1);
  expect(await chains.head(author.space, author.agent)).toEqual({ seq: last?.action.seq, hash: last?.hash });
}
