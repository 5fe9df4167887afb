import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Agents of other nodes whose cards were taken: one list for each agent of this node. */
export class CreateContacts1764600200000 implements MigrationInterface {
  readonly name = 'CreateContacts1764600200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table contact (
        holder bytea not null,
        key bytea not null,
        sealed bytea not null,
        constraint contact_once primary key (holder, key)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table contact');
  }
}
