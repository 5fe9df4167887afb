import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Every step of the act of sending writes a receipt of its holder's, so that this one table fences them all; the others
 * are what is written besides. See the migration of `agent_fence`.
 */
export class FenceTables1764700100000 implements MigrationInterface {
  readonly name = 'FenceTables1764700100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create trigger receipt_at_home before insert on receipt
        for each row execute function require_holder_at_home();
      create trigger history_at_home before update of is_deleted on history
        for each row execute function require_holder_at_home();
      create trigger clone_at_home before insert or update on clone
        for each row execute function require_holder_at_home();
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop trigger receipt_at_home on receipt;
      drop trigger history_at_home on history;
      drop trigger clone_at_home on clone;
    `);
  }
}
