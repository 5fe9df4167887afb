import { type MessageStep, type SignedAction, readChains } from '@musubi/cell';
import { type AgentKeys, fromBase64Url, toBase64Url } from '@musubi/crypto';
import { type OutboxRow } from '@musubi/delivery';
import { History, type HistoryRow, type PlacedMessage } from '@musubi/history';
import { type AgentPubKey, STRATEGY_NAMES, type StrategyName, parseAgentPubKey } from '@musubi/messaging';
import { type PlacedReceipt, blindedKey } from '@musubi/receipts';
import { type DataSource } from 'typeorm';
import { type ModelMessage } from './model.js';

/** A message in its holder's store, tombstone or not. */
export interface Holding extends PlacedMessage {
  readonly strategy: StrategyName;
  readonly holder: AgentPubKey;
  readonly isDeleted: boolean;
}

export interface Observation {
  readonly holdings: readonly Holding[];
  readonly chains: readonly (readonly SignedAction[])[];
  readonly outbox: ReadonlyMap<string, { readonly isFailed: boolean }>;
  /** The published actions, by {@link actionName}. */
  readonly published: ReadonlySet<string>;
}

type Keys = ReadonlyMap<AgentPubKey, AgentKeys>;

/** Everything that is stored, read with everybody's keys and by no placement. */
export async function observe(db: DataSource, keys: Keys): Promise<Observation> {
  const [holdings, chains, outbox, published] = await Promise.all([
    readHoldings(db, keys),
    readChains(db),
    readOutbox(db),
    readPublished(db),
  ]);
  return { holdings, chains, outbox, published };
}

/** Whether the letter that carries a receipt of its holder's own lies where its reader looks. */
export function isPublished(
  { place }: PlacedReceipt,
  { published }: Pick<Observation, 'published'>,
): boolean {
  if (place === null) return false;
  const { author, seq, count } = place;
  return Array.from({ length: count }, (_, index) => actionName(author, seq + index)).some((name) =>
    published.has(name),
  );
}

function actionName(author: AgentPubKey, seq: number): string {
  return `${author}/${seq}`;
}

/** The name of a step in {@link Observation.outbox}. */
export function owedName(holder: AgentKeys, { strategy, id }: ModelMessage, step: MessageStep): string {
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
  const unsealed = await history.unseal(holder, rows);
  return unsealed.map(({ found, isDamaged }, index) => {
    if (found === null || isDamaged) throw new Error('a stored message cannot be read');
    const isDeleted = rows[index]?.is_deleted === true;
    return { ...found, strategy, holder: holder.agent, isDeleted };
  });
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

async function readPublished(db: DataSource): Promise<Observation['published']> {
  const links = await db.query<{ author: Uint8Array; seq: number }[]>('select author, seq from dht_link');
  return new Set(links.map(({ author, seq }) => actionName(parseAgentPubKey(toBase64Url(author)), seq)));
}
