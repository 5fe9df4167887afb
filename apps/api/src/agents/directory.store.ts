import { fromBase64Url, toBase64Url } from '@musubi/crypto';
import { type Rows, RowsStatement, type Sql } from '@musubi/database';
import { type AgentPubKey, comparedNickname, parseAgentPubKey } from '@musubi/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { type DataSource } from 'typeorm';
import { DATABASE } from '../node/tokens.js';
import { type DirectoryRow } from '../schema/index.js';

export interface DirectoryEntry {
  readonly agent: AgentPubKey;
  readonly nickname: string;
}

interface DirectorySearch {
  /** The beginning of a nickname, as nicknames are compared. */
  readonly search: string;
  readonly after: DirectoryEntry | null;
  readonly limit: number;
}

const REMEMBERED = 10_000;
/** The last code point, which no nickname has. */
const LAST = '\u{10ffff}';

const INSERT = new RowsStatement(`
  insert into directory (agent, nickname, compared) select * from unnest($1::bytea[], $2::text[], $3::text[])`);

const PUT = new RowsStatement(`
  insert into directory (agent, nickname, compared) select * from unnest($1::bytea[], $2::text[], $3::text[])
  on conflict on constraint directory_one_per_agent
    do update set nickname = excluded.nickname, compared = excluded.compared`);

/** Every agent of the node by nickname. Nicknames are names, not ids: two agents may share one. */
@Injectable()
export class DirectoryStore {
  /** Only who is deleted leaves the directory. */
  private readonly known = new Set<AgentPubKey>();

  constructor(@Inject(DATABASE) private readonly db: DataSource) {}

  /** A new agent's entry. */
  rowsOf({ agent, nickname }: DirectoryEntry): Rows {
    return { statement: INSERT, rows: [[fromBase64Url(agent), nickname, comparedNickname(nickname)]] };
  }

  /** The entry of an agent that comes to this node, or comes back. */
  returnedRowsOf({ agent, nickname }: DirectoryEntry): Rows {
    return { statement: PUT, rows: [[fromBase64Url(agent), nickname, comparedNickname(nickname)]] };
  }

  /** In the transaction that deletes the agent. */
  async remove(tx: Sql, agent: AgentPubKey): Promise<void> {
    await tx.query('delete from directory where agent = $1', [fromBase64Url(agent)]);
  }

  /** The agent was deleted, or has moved: the database is asked again. */
  forget(agent: AgentPubKey): void {
    this.known.delete(agent);
  }

  async has(agent: AgentPubKey): Promise<boolean> {
    if (this.known.has(agent)) return true;
    if ((await this.find(agent)) === null) return false;
    if (this.known.size >= REMEMBERED) this.known.clear();
    this.known.add(agent);
    return true;
  }

  async find(agent: AgentPubKey): Promise<DirectoryEntry | null> {
    const sql = 'select agent, nickname from directory where agent = $1';
    const [row] = await this.db.query<DirectoryRow[]>(sql, [fromBase64Url(agent)]);
    return row === undefined ? null : entryFrom(row);
  }

  /** In order of nicknames as they are compared: a page is one range of an index, also where nobody has such a nickname. */
  async search({ search, after, limit }: DirectorySearch): Promise<readonly DirectoryEntry[]> {
    const beginning = comparedNickname(search);
    const rows = await this.db.query<DirectoryRow[]>(
      `select agent, nickname from directory
       where compared collate "C" >= $1 and compared collate "C" < $2
         and (compared collate "C", agent) > ($3, $4)
       order by compared collate "C", agent limit $5`,
      [
        beginning,
        `${beginning}${LAST}`,
        after === null ? '' : comparedNickname(after.nickname),
        after === null ? new Uint8Array() : fromBase64Url(after.agent),
        limit,
      ],
    );
    return rows.map(entryFrom);
  }
}

function entryFrom({ agent, nickname }: DirectoryRow): DirectoryEntry {
  return { agent: parseAgentPubKey(toBase64Url(agent)), nickname };
}
