import { type DatabaseParts, integerColumn, keyColumn, table } from '@musubi/database';
import { type MigrationInterface, type QueryRunner } from 'typeorm';

interface CounterRow {
  readonly id: number;
  readonly value: number;
}

const counterTable = table<CounterRow>('counter', {
  id: keyColumn('counter_pkey', integerColumn),
  value: integerColumn,
});

export class CreateCounter1700000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'create table counter (id integer not null, value integer not null, constraint counter_pkey primary key (id))',
    );
  }
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table counter');
  }
}

export class FillCounter1700000000001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('insert into counter values (1, 0), (2, 0)');
  }
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('delete from counter');
  }
}

/** One small table with the rows 1 and 2. */
export const counterParts: DatabaseParts = {
  entities: [counterTable],
  migrations: [CreateCounter1700000000000, FillCounter1700000000001],
};
