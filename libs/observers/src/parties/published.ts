import { type ActionRow, type DhtEntryRow, type DhtLinkRow } from '@musubi/cell';
import { type DataSource } from 'typeorm';
import { openSpaces } from './open-spaces.js';
import { rowsOf } from './row-stream.js';

const ENTRIES = `
  select space, hash, body from dht_entry where space = any($1)
  union
  select e.space, e.hash, e.body
  from chain_entry e
  join action a on a.space = e.space and a.author = e.author and a.entry_hash = e.hash
  where e.space = any($1) and a.visibility = 'public'`;

/**
 * What is published in the spaces that everybody can join. Every action is, also that of a private entry, whose body is
 * not. What is committed counts as published.
 */
export class Published {
  constructor(private readonly db: DataSource) {}

  actions(): AsyncIterable<ActionRow> {
    return this.inOpenSpaces('select * from action where space = any($1)');
  }

  links(): AsyncIterable<DhtLinkRow> {
    return this.inOpenSpaces('select * from dht_link where space = any($1)');
  }

  entries(): AsyncIterable<DhtEntryRow> {
    return this.inOpenSpaces(ENTRIES);
  }

  private async *inOpenSpaces<Of extends object>(sql: string): AsyncGenerator<Of> {
    yield* rowsOf<Of>(this.db, sql, [await openSpaces(this.db)]);
  }
}
