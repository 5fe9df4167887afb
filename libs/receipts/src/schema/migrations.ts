import { type MigrationInterface, type QueryRunner } from 'typeorm';

export class CreateReceipts1763900100000 implements MigrationInterface {
  readonly name = 'CreateReceipts1763900100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table receipt (
        holder bytea not null,
        key bytea not null,
        status smallint not null,
        sealed bytea not null,
        constraint receipt_once primary key (holder, key, status)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table receipt');
  }
}
