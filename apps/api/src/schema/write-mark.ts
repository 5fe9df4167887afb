import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** How far the node has written: see write-marks.ts. */
export class CreateWriteMark1764820000000 implements MigrationInterface {
  readonly name = 'CreateWriteMark1764820000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table write_mark (
        id integer not null,
        name bytea not null,
        mark bigint not null,
        constraint write_mark_once primary key (id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table write_mark');
  }
}
