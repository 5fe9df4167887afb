import { fromBase64Url, toBase64Url } from '@musubi/crypto';
import { type Rows, RowsStatement, byteaArray, commitRows } from '@musubi/database';
import { type AgentPubKey, InvalidRecordError, type SpaceId, parseAgentPubKey } from '@musubi/messaging';
import { type Signals } from '@musubi/network';
import { type DataSource } from 'typeorm';
import { type SignedAction, entryHash, isAuthentic } from '../chain/action.js';
import { type Hash, hashBytes, hashFrom } from '../chain/hash.js';
import { INSERT_ARRIVALS, PublishedDays } from './arrival-rows.js';
import { type DhtLink } from './dht-link.js';
import { linkPush } from './link-push.js';
import { type LinkProgress } from './link-progress.js';

/** Entry bodies by hash, for the `create` actions that are published. */
export type PublishedBodies = ReadonlyMap<Hash, Uint8Array>;

interface LinkRow {
  readonly author: Uint8Array;
  readonly seq: number;
  readonly target: Uint8Array;
  readonly tag: Uint8Array;
  readonly body: Uint8Array | null;
}

const INSERT_ENTRIES = new RowsStatement(`
  insert into dht_entry (space, hash, body) select * from unnest($1::bytea[], $2::bytea[], $3::bytea[])
  on conflict on constraint dht_entry_one_per_hash do nothing`);

const HAS_ENTRY = 'select from dht_entry where space = $1 and hash = $2';
const FIND_ENTRY = 'select body from dht_entry where space = $1 and hash = $2';

const INSERT_LINKS = new RowsStatement(
  `insert into dht_link (space, base, author, seq, target, tag, hash)
  select * from unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::int[], $5::bytea[], $6::bytea[], $7::bytea[])
  on conflict on constraint dht_link_one_per_action do nothing returning author, seq, base`,
  INSERT_ARRIVALS,
);

const UNREAD_LINKS = `
  select l.author, l.seq, l.target, l.tag, e.body
  from dht_link l
  left join dht_entry e on e.space = l.space and e.hash = l.target
  left join unnest($3::bytea[], $4::int[]) as done (author, through) on done.author = l.author
  where l.space = $1 and l.base = $2 and l.seq > coalesce(done.through, -1)
    and not exists (
      select from unnest($5::bytea[], $6::int[]) as seen (author, seq)
      where seen.author = l.author and seen.seq = l.seq)
    and (l.author, l.seq) > ($7, $8)
  order by l.author, l.seq
  limit $9`;

const COUNT_LINKS = `
  select base, count(*)::int as links from dht_link where space = $1 and base = any($2::bytea[]) group by base`;

/** Links in one answer of the database, each with its letter: a base may have more than a process should hold. */
const PAGE = 128;
/** Before all links: no author's key is shorter. */
const START = { author: new Uint8Array(), seq: 0 };

/**
 * The part of a space that its authorities hold and anybody in it may read. One copy is stored; which agents
 * hold it is what authoritiesOf() computes. Publishing repeats harmlessly.
 */
export class Dht {
  private readonly days = new PublishedDays();

  constructor(
    private readonly db: DataSource,
    private readonly signals: Signals,
  ) {}

  /**
   * Publishes entries with their links, in one transaction with further rows, and pushes to the watchers of the links'
   * bases. Publishing again is harmless. Private entries stay where they are.
   * @throws InvalidRecordError when an action is not signed by its author, or a public entry's body is not its own
   */
  async publish(
    actions: readonly SignedAction[],
    bodies: PublishedBodies,
    extras: readonly Rows[] = [],
  ): Promise<void> {
    if (!actions.every(isAuthentic)) throw new InvalidRecordError('an action is not signed by its author');
    // The first body under a hash stays, so a wrong one would keep the right one out.
    if (!actions.flatMap(publicEntryOf).every((hash) => isBodyOf(hash, bodies.get(hash)))) {
      throw new InvalidRecordError('the body of an entry is missing or another');
    }
    const days = this.days.rowsOf(actions);
    await commitRows(this.db, [entryRows(actions, bodies), linkRows(actions), days.rows, ...extras]);
    days.noteCommitted();
    for (const { action } of actions) {
      const { author, seq, content } = action;
      if (content.type !== 'create-link') continue;
      const { base, target, tag } = content.link;
      this.signals.emit(base, linkPush({ author, seq, target, tag, body: bodies.get(target) ?? null }));
    }
  }

  /**
   * Publishes an entry that no action names, such as a chunk of a file, unless it is there. Anybody can check it by its name.
   * @throws InvalidRecordError when the content is another one
   */
  async publishEntry(space: SpaceId, name: Hash, content: () => Promise<Uint8Array>): Promise<void> {
    const place = [fromBase64Url(space), hashBytes(name)];
    const there = await this.db.query<unknown[]>(HAS_ENTRY, place);
    if (there.length > 0) return;
    const body = await content();
    if (!isBodyOf(name, body)) throw new InvalidRecordError('the body of an entry is another one');
    await commitRows(this.db, [{ statement: INSERT_ENTRIES, rows: [[...place, body]] }]);
  }

  /** An entry by its name; `null` while it is not there. */
  async entry(space: SpaceId, name: Hash): Promise<Uint8Array | null> {
    const [row] = await this.db.query<{ body: Uint8Array }[]>(FIND_ENTRY, [
      fromBase64Url(space),
      hashBytes(name),
    ]);
    return row?.body ?? null;
  }

  /** A period may have begun: what is published from now on is filed under it. */
  notePeriod(): void {
    this.days.forget();
  }

  /** How many links there are from each of these bases that has any. */
  async linkCounts(space: SpaceId, bases: readonly Hash[]): Promise<ReadonlyMap<Hash, number>> {
    const names = byteaArray(bases.map(hashBytes));
    const rows = await this.db.query<{ base: Uint8Array; links: number }[]>(COUNT_LINKS, [
      fromBase64Url(space),
      names,
    ]);
    return new Map(rows.map(({ base, links }) => [hashFrom(base), links]));
  }

  /** Links from the base that were not read yet, in each author's own order. They are fetched as they are taken. */
  async *links(space: SpaceId, base: Hash, read: LinkProgress): AsyncGenerator<DhtLink> {
    const place = [fromBase64Url(space), hashBytes(base)];
    let last: Pick<LinkRow, 'author' | 'seq'> = START;
    for (let isMore = true; isMore;) {
      const done = [...columns(read.through()), ...columns(read.beyond())];
      const parameters = [...place, ...done, last.author, last.seq, PAGE];
      const rows = await this.db.query<LinkRow[]>(UNREAD_LINKS, parameters);
      for (const row of rows) yield linkFrom(row);
      last = rows.at(-1) ?? last;
      isMore = rows.length === PAGE;
    }
  }
}

function linkFrom({ author, seq, target, tag, body }: LinkRow): DhtLink {
  return { author: parseAgentPubKey(toBase64Url(author)), seq, target: hashFrom(target), tag, body };
}

function entryRows(actions: readonly SignedAction[], bodies: PublishedBodies): Rows {
  const rows = actions.flatMap((signed) =>
    publicEntryOf(signed).map((hash) => [
      fromBase64Url(signed.action.space),
      hashBytes(hash),
      bodies.get(hash),
    ]),
  );
  return { statement: INSERT_ENTRIES, rows };
}

function linkRows(actions: readonly SignedAction[]): Rows {
  const rows = actions.flatMap(({ action: { space, author, seq, content }, hash }) => {
    if (content.type !== 'create-link') return [];
    const { base, target, tag } = content.link;
    const place = [fromBase64Url(space), hashBytes(base), fromBase64Url(author), seq];
    return [[...place, hashBytes(target), tag, hashBytes(hash)]];
  });
  return { statement: INSERT_LINKS, rows };
}

/** The entry that an action publishes, if any. */
function publicEntryOf({ action: { content } }: SignedAction): readonly Hash[] {
  return content.type === 'create' && content.entry.visibility === 'public' ? [content.entry.hash] : [];
}

function isBodyOf(hash: Hash, body: Uint8Array | undefined): boolean {
  return body !== undefined && entryHash(body) === hash;
}

function columns(pairs: readonly (readonly [AgentPubKey, number])[]): readonly [Uint8Array[], number[]] {
  return [pairs.map(([author]) => fromBase64Url(author)), pairs.map(([, seq]) => seq)];
}
