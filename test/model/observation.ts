import { type OwedStep, type StoredAction } from '@musubi/cell';
import { type AgentKeys, fromBase64Url, toBase64Url } from '@musubi/crypto';
import { type OutboxRow } from '@musubi/delivery';
import { History, type HistoryRow, type TracedMessage } from '@musubi/history';
import { readChains } from '@musubi/history/testing';
import { type AgentPubKey, STRATEGY_NAMES, type StrategyName, parseAgentPubKey } from '@musubi/messaging';
import { blindedKey } from '@musubi/receipts';
import { type DataSource } from 'typeorm';
import { type ModelMessage } from './model.js';

/** A message in its holder's store, tombstone or not. */
export interface Holding extends TracedMessage {
  readonly strategy: StrategyName;
  readonly holder: AgentPubKey;
  readonly isDeleted: boolean;
}

export interface Observation {
  readonly holdings: readonly Holding[];
  readonly chains: readonly (readonly StoredAction[])[];
  readonly outbox: ReadonlyMap<string, { readonly isFailed: boolean }>;
}

type Keys = ReadonlyMap<AgentPubKey, AgentKeys>;

/** Everything that is stored, read with everybody's keys and by no placement. */
export async function observe(db: DataSource, keys: Keys): Promise<Observation> {
  const [holdings, chains, outbox] = await Promise.all([readHoldings(db, keys), readAll(db), readOutbox(db)]);
  return { holdings, chains, outbox };
}

/** The name of a step in {@link Observation.outbox}. */
export function owedName(holder: AgentKeys, { strategy, id }: ModelMessage, step: OwedStep): string {
  return [holder.agent, strategy, toBase64Url(blindedKey(holder, id)), step].join('/');
}

async function readHoldings(db: DataSource, keys: Keys): Promise<readonly Holding[]> {
  const rows = await db.query<HistoryRow[]>('select * from history order by position');
  const holdings = await Promise.all(
    [...keys.values()].flatMap((holder) =>
      STRATEGY_NAMES.map((strategy) => {
        const own = fromBase64Url(holder.agent);
        const held = rows.filter(
          (row) => row.placement === strategy && Buffer.compare(row.holder, own) === 0,
        );
        return unseal(new History(db, { keysOf: () => holder }, strategy), { holder, strategy }, held);
      }),
    ),
  );
  return holdings.flat();
}

async function unseal(
  history: History,
  { holder, strategy }: { readonly holder: AgentKeys; readonly strategy: StrategyName },
  rows: readonly HistoryRow[],
): Promise<readonly Holding[]> {
  if (rows.length === 0) return [];
  const traced = await history.unseal(holder, rows);
  return traced.map((each, index) => ({
    ...each,
    strategy,
    holder: holder.agent,
    isDeleted: rows[index]?.is_deleted === true,
  }));
}

async function readAll(db: DataSource): Promise<Observation['chains']> {
  const authors = await db.query<{ author: Uint8Array }[]>('select distinct author from action');
  return readChains(
    db,
    authors.map(({ author }) => parseAgentPubKey(toBase64Url(author))),
  );
}

async function readOutbox(db: DataSource): Promise<Observation['outbox']> {
  const rows = await db.query<OutboxRow[]>('select * from outbox');
  return new Map(
    rows.map(({ holder, placement, key, step, is_failed }) => [
      [toBase64Url(holder), placement, toBase64Url(key), step].join('/'),
      { isFailed: is_failed },
    ]),
  );
}
