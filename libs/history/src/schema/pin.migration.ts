import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * `put_pin` puts a statement in the place of the one that the caller has looked at, or rejects it: another came first, or
 * the message was deleted. It locks the message's row first, as a deletion does. What is written with it may have neither a
 * receipt nor an action, so that it looks for the fence by itself.
 */
export class CreatePins1765200000000 implements MigrationInterface {
  readonly name = 'CreatePins1765200000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table pin (
        holder bytea not null,
        key bytea not null,
        placement text not null,
        statement bytea not null,
        conversation bytea not null,
        position bigint not null,
        is_pinned boolean not null,
        sealed bytea not null,
        constraint pin_one_per_message primary key (holder, key, placement)
      );

      create index pin_by_statement on pin (holder, placement, statement);
      create index pin_by_conversation on pin (holder, placement, conversation, position, key) where is_pinned;

      create function put_pin(
        holder_key bytea, in_placement text, message_key bytea, seen bytea, made bytea, pinned boolean, content bytea)
      returns boolean language plpgsql as $$
      begin
        perform require_agent_at_home(holder_key);
        update history set change = null
          where holder = holder_key and placement = in_placement and key = message_key and not is_deleted;
        if found and seen = ''::bytea then
          insert into pin (holder, placement, key, statement, conversation, position, is_pinned, sealed)
            select holder, placement, key, made, conversation, position, pinned, content from history
            where holder = holder_key and placement = in_placement and key = message_key
            on conflict on constraint pin_one_per_message do nothing;
        elsif found then
          update pin set statement = made, is_pinned = pinned, sealed = content
            where holder = holder_key and placement = in_placement and key = message_key and statement = seen;
        end if;
        if not found then
          raise exception 'the pin is another one' using errcode = 'check_violation', constraint = 'pin_seen';
        end if;
        return false;
      end $$;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop function put_pin; drop table pin;');
  }
}
