import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** What a moved agent would take up here is not there at its new home. See the migration of `agent_fence`. */
export class FenceContacts1764700200000 implements MigrationInterface {
  readonly name = 'FenceContacts1764700200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create trigger contact_at_home before insert on contact
        for each row execute function require_holder_at_home()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop trigger contact_at_home on contact');
  }
}
