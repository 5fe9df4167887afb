import {
  type ChainAuthor,
  type Ordering,
  type SignedAction,
  SourceChains,
  type SourceChainsOptions,
  type StoredAction,
  cellDatabase,
  isAuthentic,
} from '@musubi/cell';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { expect } from '@jest/globals';
import { GENESIS, NOON, createDraft } from './authors.js';

export function openCellDatabase(): Promise<TestDatabase> {
  return openTestDatabase(cellDatabase, { poolSize: 8 });
}

export function chainsOn({ dataSource }: TestDatabase, ordering: Ordering = 'relaxed'): SourceChains {
  return new SourceChains(dataSource, { ordering });
}

export function guardedChains(
  { dataSource }: TestDatabase,
  beforeCommit: NonNullable<SourceChainsOptions['beforeCommit']>,
): SourceChains {
  return new SourceChains(dataSource, { ordering: 'relaxed', beforeCommit });
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
