import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** What is written beside the act of sending. All else commits with a receipt or an action, which are fenced. */
const TABLES = [
  'change_counter',
  'change_epoch',
  'integrated_record',
  'mailbox_contact',
  'mailbox_watch',
  'unread_mark',
  'unread_unmarked',
];

/** See the migration of `require_holder_not_deleted`. */
export class FenceDeletedTables1765080100000 implements MigrationInterface {
  readonly name = 'FenceDeletedTables1765080100000';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES)
      await runner.query(`
        create trigger ${table}_not_deleted before insert on ${table}
          for each row execute function require_holder_not_deleted()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`drop trigger ${table}_not_deleted on ${table}`);
  }
}
