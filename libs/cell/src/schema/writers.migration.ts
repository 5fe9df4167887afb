import { type MigrationInterface, type QueryRunner } from 'typeorm';

const TABLES = `
  create table agent_setting (
    holder bytea not null,
    who_may_write text not null,
    constraint agent_setting_one_per_holder primary key (holder)
  );

  create table blocked_agent (
    holder bytea not null,
    key bytea not null,
    sealed bytea not null,
    constraint blocked_agent_once primary key (holder, key)
  );
`;

const FUNCTIONS = `
  create function may_write(holder_key bytea, blocked_key bytea, contact_key bytea) returns boolean
  language sql stable as $$
    select not exists (select from blocked_agent where holder = holder_key and key = blocked_key)
      and case coalesce((select who_may_write from agent_setting where holder = holder_key), 'everybody')
        when 'everybody' then true
        when 'contacts' then exists (select from contact where holder = holder_key and key = contact_key)
        else false
      end
  $$;

  create function require_may_write(holder_key bytea, blocked_key bytea, contact_key bytea) returns boolean
  language plpgsql as $$
  begin
    perform require_agent_at_home(holder_key);
    perform pg_advisory_xact_lock_shared(1836413551, hashtext(encode(holder_key, 'hex')));
    if not may_write(holder_key, blocked_key, contact_key) then
      raise exception 'the recipient does not take this' using errcode = 'check_violation', constraint = 'author_may_write';
    end if;
    return false;
  end $$;

  create function require_no_writer() returns trigger language plpgsql as $$
  declare
    changed record;
  begin
    if tg_op = 'DELETE' then
      changed := old;
    else
      changed := new;
    end if;
    if current_setting('musubi.arriving', true) is distinct from 'on' then
      perform require_agent_at_home(changed.holder);
      perform pg_advisory_xact_lock(1836413551, hashtext(encode(changed.holder, 'hex')));
    end if;
    return changed;
  end $$;
`;

const TRIGGERS = `
  create trigger agent_setting_changes before insert or update or delete on agent_setting
    for each row execute function require_no_writer();
  create trigger blocked_agent_changes before insert or delete on blocked_agent
    for each row execute function require_no_writer();
  create trigger contact_goes before delete on contact
    for each row execute function require_no_writer();
`;

/**
 * Who may write to an agent. `require_may_write` decides in the transaction that accepts a message, so that no process can
 * be behind. It shares a lock of its recipient with the other writers. What takes the right to write from somebody takes
 * the lock alone: it waits for the messages under way, and each later one sees the change. Both take the fence's lock
 * first, always in this order.
 *
 * It returns false always: what calls it inserts nothing.
 */
export class CreateWriters1764800000000 implements MigrationInterface {
  readonly name = 'CreateWriters1764800000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`${TABLES} ${FUNCTIONS} ${TRIGGERS}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop trigger contact_goes on contact;
      drop table agent_setting, blocked_agent;
      drop function require_no_writer, require_may_write, may_write;
    `);
  }
}
