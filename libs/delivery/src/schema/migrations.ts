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

/**
 * Receipts were pending as one step, `receipt`, whichever they were. On `global-dht` that was `delivered` at first, and
 * `read` as well if the message was read meanwhile: either is brought by the step `delivered`, as the highest there is.
 */
export class OweReceiptsApart1764000200000 implements MigrationInterface {
  readonly name = 'OweReceiptsApart1764000200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      update outbox set step = case placement when 'global-dht' then 'delivered' else 'read' end
      where step = 'receipt'
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      delete from outbox using outbox as higher
      where outbox.step = 'delivered' and higher.step = 'read'
        and (outbox.holder, outbox.placement, outbox.key) = (higher.holder, higher.placement, higher.key);
      update outbox set step = 'receipt' where step in ('delivered', 'read');
    `);
  }
}

/** Steps wait for days: they count how long, and are found by the recipient whom they wait for. */
export class WaitPatiently1764500100000 implements MigrationInterface {
  readonly name = 'WaitPatiently1764500100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table outbox add column waited bigint not null default 0;
      create index outbox_waiting on outbox (holder, lane, placement, due_at) where attempt > 0 and not is_failed;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop index outbox_waiting;
      alter table outbox drop column waited;
    `);
  }
}
