import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { type ActShape, type Table, type TracedRow, type TracedWrite, shapeOf } from './act-shape.js';

const QUIET_MS = 500;
const ATTEMPTS = 8;

const TABLES = `
  select c.relname as name, a.attname as column, format_type(a.atttypid, null) as type,
    coalesce(a.attnum = any(i.indkey), false) as "isKey"
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  left join pg_index i on i.indrelid = c.oid and i.indisprimary
  where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and i.indrelid is not null
    and c.relname <> 'migrations'
  order by c.relname, a.attnum`;

const TRACE = `
  create unlogged table bench_trace
    (place bigserial, tx xid8, op text, name text, before jsonb, after jsonb);
  create function bench_trace() returns trigger language plpgsql as $$
  begin
    insert into bench_trace (tx, op, name, before, after)
    values (pg_current_xact_id(), tg_op, tg_table_name, to_jsonb(old), to_jsonb(new));
    return null;
  end $$;`;

const UNTRACE = 'drop function bench_trace() cascade; drop table bench_trace';

/** As text: JSON's numbers would round a bigint. */
const READ = `
  select tx::text, op, name,
    (select jsonb_object_agg(key, value) from jsonb_each_text(before)) as before,
    (select jsonb_object_agg(key, value) from jsonb_each_text(after)) as after
  from bench_trace order by place`;

interface TraceRow {
  readonly tx: string;
  readonly op: TracedWrite['op'];
  readonly name: string;
  readonly before: TracedRow | null;
  readonly after: TracedRow | null;
}

/**
 * What one act writes, by triggers that are there for a few acts and then are not: every row of every table, in its
 * transaction. Two acts that wrote alike tell what stands from act to act, what counts on, and what is new each time.
 * @throws Error when no two acts in a row wrote alike
 */
export async function traceAct(db: pg.Client, act: () => Promise<unknown>): Promise<ActShape> {
  const tables = await readTables(db);
  await db.query(TRACE);
  try {
    for (const { name } of tables.values()) {
      await db.query(
        `create trigger bench_trace after insert or update or delete on ${name}
         for each row execute function bench_trace()`,
      );
    }
    let earlier = await traceOne(db, act);
    for (let attempt = 1; attempt < ATTEMPTS; attempt += 1) {
      const later = await traceOne(db, act);
      const shape = shapeOf(tables, [earlier, later]);
      if (shape !== null) return shape;
      earlier = later;
    }
    throw new Error('no two acts wrote alike');
  } finally {
    await db.query(UNTRACE);
  }
}

async function readTables(db: pg.Client): Promise<ReadonlyMap<string, Table>> {
  const { rows } = await db.query<{ name: string; column: string; type: string; isKey: boolean }>(TABLES);
  const tables = new Map<string, Table>();
  for (const { name, column, type, isKey } of rows) {
    const columns = tables.get(name)?.columns ?? [];
    tables.set(name, { name, columns: [...columns, { name: column, type, isKey }] });
  }
  return tables;
}

async function traceOne(db: pg.Client, act: () => Promise<unknown>): Promise<readonly TracedWrite[]> {
  await db.query('truncate bench_trace');
  await act();
  for (let seen = -1; ;) {
    const { rows } = await db.query<TraceRow>(READ);
    if (rows.length === seen) return rows.map(writeOf);
    seen = rows.length;
    await sleep(QUIET_MS);
  }
}

function writeOf({ tx, op, name, before, after }: TraceRow): TracedWrite {
  const row = after ?? before;
  if (row === null) throw new Error(`a trigger saw no row of ${name}`);
  return { tx, op, table: name, row, before };
}
