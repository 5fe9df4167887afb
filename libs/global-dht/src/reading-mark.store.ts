import { type AgentKeys, decodeCanonical, encodeCanonical, fromBase64Url, toBase64Url } from '@musubi/crypto';
import { type Rows, RowsStatement } from '@musubi/database';
import { type AgentPubKey, agentPubKeySchema } from '@musubi/messaging';
import { type DataSource } from 'typeorm';
import { z } from 'zod';

const MARK_DOMAIN = 'musubi/mailbox-watch';

/**
 * A number alone is a day of an older version, through which everything was taken to be read. Clocks that were wrong,
 * and days that were never opened, made some of them untrue: they count for nothing.
 */
const markSchema = z.union([
  z.strictObject({ period: z.number().int().min(0) }),
  z.number().transform(() => null),
]);

const BEGIN = new RowsStatement(`
  insert into mailbox_watch (holder, sealed) select * from unnest($1::bytea[], $2::bytea[])
  on conflict on constraint mailbox_watch_one_per_holder do nothing`);

/** How far an agent has read: all that was published before that period. */
interface ReadingMark {
  readonly keys: AgentKeys;
  readonly period: number;
}

/** How far each agent has read its mailboxes, sealed. */
export class ReadingMarkStore {
  constructor(private readonly db: DataSource) {}

  /** The mark of an agent that has nothing to read yet, unless it has one. */
  beginning(mark: ReadingMark): readonly Rows[] {
    return [{ statement: BEGIN, rows: [[fromBase64Url(mark.keys.agent), sealedMark(mark)]] }];
  }

  /** But for deleted agents: with a mark of one of these the database would refuse them all. */
  async set(marks: readonly ReadingMark[]): Promise<void> {
    await this.db.query(
      `insert into mailbox_watch (holder, sealed)
         select * from unnest($1::bytea[], $2::bytea[]) as mark (holder, sealed)
         where not exists (select from agent_fence where agent = mark.holder and is_deleted)
       on conflict on constraint mailbox_watch_one_per_holder do update set sealed = excluded.sealed`,
      [marks.map(({ keys }) => fromBase64Url(keys.agent)), marks.map(sealedMark)],
    );
  }

  /** The marks of those agents that have one. */
  async of(holders: readonly AgentKeys[]): Promise<ReadonlyMap<AgentPubKey, number>> {
    const rows = await this.db.query<{ holder: Uint8Array; sealed: Uint8Array }[]>(
      'select holder, sealed from mailbox_watch where holder = any($1)',
      [holders.map(({ agent }) => fromBase64Url(agent))],
    );
    const byAgent = new Map(holders.map((keys) => [keys.agent, keys]));
    const marks = new Map<AgentPubKey, number>();
    for (const { holder, sealed } of rows) {
      const agent = agentPubKeySchema.parse(toBase64Url(holder));
      const keys = byAgent.get(agent);
      if (keys === undefined) continue;
      const mark = markSchema.parse(decodeCanonical(keys.open(sealed, MARK_DOMAIN)));
      if (mark !== null) marks.set(agent, mark.period);
    }
    return marks;
  }
}

function sealedMark({ keys, period }: ReadingMark): Uint8Array {
  return keys.seal(encodeCanonical({ period }), MARK_DOMAIN);
}
