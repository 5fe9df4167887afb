import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Takes the mark of an unread message away, or rejects the reading. It waits for another reading and for a deletion; also
 * while unread messages of before get their marks, so that it looks for one of those first, in a statement of its own.
 */
export class TakeUnreadMarks1765060000000 implements MigrationInterface {
  readonly name = 'TakeUnreadMarks1765060000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create function take_unread_mark(holder_key bytea, in_placement text, mark_key bytea, message_key bytea)
      returns boolean language plpgsql as $$
      begin
        delete from unread_unmarked where holder = holder_key and placement = in_placement and key = message_key;
        if not found then
          delete from unread_mark where holder = holder_key and placement = in_placement and key = mark_key;
        end if;
        if not found then
          raise exception 'the message is not unread' using errcode = 'check_violation', constraint = 'reading_once';
        end if;
        return false;
      end $$;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop function take_unread_mark');
  }
}
