import { type MigrationInterface, type QueryRunner } from 'typeorm';

export class CreateOutbox1763900600000 implements MigrationInterface {
  readonly name = 'CreateOutbox1763900600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table outbox (
        holder bytea not null,
        placement text not null,
        key bytea not null,
        step text not null,
        lane bytea not null,
        message bytea not null,
        attempt integer not null,
        due_at bigint not null,
        is_failed boolean not null,
        last_error text,
        constraint outbox_step_once primary key (holder, placement, key, step)
      );
      create index outbox_due on outbox (due_at) where not is_failed;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table outbox');
  }
}
