import { type MigrationInterface, type QueryRunner } from 'typeorm';

export class CreateGlobalDht1763900400000 implements MigrationInterface {
  readonly name = 'CreateGlobalDht1763900400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table mailbox_contact (
        holder bytea not null,
        key bytea not null,
        is_knocked boolean not null,
        sealed bytea not null,
        constraint mailbox_contact_one_per_peer primary key (holder, key)
      );

      create table mailbox_watch (
        holder bytea not null,
        sealed bytea not null,
        constraint mailbox_watch_one_per_holder primary key (holder)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table mailbox_watch, mailbox_contact');
  }
}
