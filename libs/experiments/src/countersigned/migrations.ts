import { type MigrationInterface, type QueryRunner } from 'typeorm';

export class CreateCountersigningSession1764000000000 implements MigrationInterface {
  readonly name = 'CreateCountersigningSession1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table countersigning_session (
        holder bytea not null,
        key bytea not null,
        sealed bytea not null,
        constraint countersigning_session_once primary key (holder, key)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table countersigning_session');
  }
}
