/** The tables of records; each has the columns of `AgentRecordRow`. */
export type RecordTable = 'node_record' | 'agent_record';

export interface RecordStatements {
  /** Takes turns: one put at a time sees how full the table is. */
  readonly lock: string;
  readonly find: string;
  /** The first teller stays, until the owner pins the record. */
  readonly write: string;
  /** $2 more agents have taken it by a card, or fewer. */
  readonly hold: string;
  readonly size: string;
  readonly victim: string;
  readonly remove: string;
}

/** The statements for one table. */
export function statementsFor(table: RecordTable): RecordStatements {
  const contactDay = table === 'node_record' ? 'contact_day' : 'null::integer';
  return {
    lock: `select pg_advisory_xact_lock(hashtextextended($1, 0))`,
    find: `select name, record, fork, told_by, holds, ${contactDay} as contact_day from ${table} where name = $1`,
    write: `
      insert into ${table} (name, record, fork, told_by, holds, arrival)
      select $1, $2, $3, $4, $5, coalesce(max(arrival), 0) + 1 from ${table}
      on conflict (name) do update
        set record = excluded.record, fork = excluded.fork, holds = ${table}.holds + excluded.holds,
          told_by = case when excluded.told_by is null then null else ${table}.told_by end`,
    hold: `update ${table} set holds = holds + $2 where name = $1`,
    size: `
      select count(*)::int as records,
        coalesce(sum(octet_length(record) + coalesce(octet_length(fork), 0)), 0)::float8 as bytes,
        count(*) filter (where holds > 0)::int as held_records,
        coalesce(sum(octet_length(record)) filter (where holds > 0), 0)::float8 as held_bytes
      from ${table}`,
    victim: victim(table, contactDay),
    remove: `delete from ${table} where name = $1`,
  };
}

/** As `victimOf` in eviction.ts. $1 is the name of the newcomer. */
function victim(table: RecordTable, contactDay: string): string {
  return `
    with row as (
      select name, told_by, holds, arrival, ${contactDay} as contact_day from ${table}
    ), ranked as (
      select name, told_by, arrival, contact_day,
        case when told_by is null or holds > 0 then 2 when contact_day is not null then 1 else 0 end as rank
      from row
    ), loudness as (
      select told_by, count(*) as loud from ranked where rank = 0 group by told_by
    )
    select name from ranked left join loudness using (told_by)
    where rank < 2 or name = $1
    order by rank,
      case when rank = 0 then loud end desc,
      case when rank = 0 then told_by = (select told_by from row where name = $1) end desc,
      case when rank = 0 then told_by end,
      case when rank = 1 then contact_day end,
      arrival desc
    limit 1`;
}
