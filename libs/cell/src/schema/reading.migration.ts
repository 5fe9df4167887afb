import { type MigrationInterface, type QueryRunner } from 'typeorm';

const TABLES = `
  create table reading_setting (
    holder bytea not null,
    is_told boolean not null,
    constraint reading_setting_one_per_holder primary key (holder)
  );

  create table contact_detail (
    holder bytea not null,
    key bytea not null,
    is_told boolean,
    petname bytea,
    constraint contact_detail_once primary key (holder, key)
  );
`;

const FUNCTIONS = `
  create function tells_reading(holder_key bytea, contact_key bytea) returns boolean language sql stable as $$
    select coalesce(
      (select is_told from contact_detail where holder = holder_key and key = contact_key),
      (select is_told from reading_setting where holder = holder_key),
      true)
  $$;

  create function require_tells_reading(holder_key bytea, contact_key bytea) returns boolean
  language plpgsql as $$
  begin
    perform require_agent_at_home(holder_key);
    perform pg_advisory_xact_lock_shared(1836413551, hashtext(encode(holder_key, 'hex')));
    if not tells_reading(holder_key, contact_key) then
      raise exception 'the reader tells nobody' using errcode = 'check_violation', constraint = 'reading_is_told';
    end if;
    return false;
  end $$;

  create function require_reader_at_home(holder_key bytea) returns boolean language plpgsql as $$
  begin
    perform require_agent_at_home(holder_key);
    return false;
  end $$;

  create function require_contact() returns trigger language plpgsql as $$
  begin
    if current_setting('musubi.arriving', true) is distinct from 'on' then
      perform require_agent_at_home(new.holder);
      perform pg_advisory_xact_lock(1836413551, hashtext(encode(new.holder, 'hex')));
      if not exists (select from contact where holder = new.holder and key = new.key) then
        return null;
      end if;
    end if;
    return new;
  end $$;

  create function forget_contact_detail() returns trigger language plpgsql as $$
  begin
    delete from contact_detail where holder = old.holder and key = old.key;
    return null;
  end $$;
`;

const TRIGGERS = `
  create trigger reading_setting_changes before insert or update or delete on reading_setting
    for each row execute function require_no_writer();
  create trigger contact_detail_changes before insert or update on contact_detail
    for each row execute function require_contact();
  create trigger contact_detail_goes after delete on contact
    for each row execute function forget_contact_detail();
`;

/**
 * What an agent has noted of its contacts, and whether it tells authors that it has read. As with who may write, the
 * transaction that would tell decides: it shares the lock that a change of the switch takes alone. A contact that goes
 * takes the lock, too, so that no detail is left of one.
 */
export class CreateReading1765000000000 implements MigrationInterface {
  readonly name = 'CreateReading1765000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`${TABLES} ${FUNCTIONS} ${TRIGGERS}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop trigger contact_detail_goes on contact;
      drop table contact_detail, reading_setting;
      drop function forget_contact_detail, require_contact, require_reader_at_home, require_tells_reading, tells_reading;
    `);
  }
}
