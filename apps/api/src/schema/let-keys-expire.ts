import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Idempotency keys get the span of 30 days in which they were used. Those of before count from now on. */
export class LetKeysExpire1764500000000 implements MigrationInterface {
  readonly name = 'LetKeysExpire1764500000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table idempotency_key
        add column period integer not null default floor(extract(epoch from now()) / 2592000);
      alter table idempotency_key alter column period drop default;
      create index idempotency_key_by_period on idempotency_key (period);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table idempotency_key drop column period');
  }
}
