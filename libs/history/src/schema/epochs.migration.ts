import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Numbers of before have no epoch. Cursors of before are shorter, and so refused: their clients start over once. */
export class BeginEpochs1764500000000 implements MigrationInterface {
  readonly name = 'BeginEpochs1764500000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table change_epoch (
        holder bytea not null,
        first bigint not null,
        epoch bytea not null,
        constraint change_epoch_once primary key (holder, first)
      );

      create table current_change_epoch (
        id integer not null,
        epoch bytea not null,
        server_started timestamp with time zone not null,
        constraint current_change_epoch_once primary key (id)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table current_change_epoch, change_epoch');
  }
}
