import { type MigrationInterface, type QueryRunner } from 'typeorm';

export class CreateHistory1763900200000 implements MigrationInterface {
  readonly name = 'CreateHistory1763900200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table history (
        holder bytea not null,
        placement text not null,
        key bytea not null,
        conversation bytea not null,
        position bigint not null,
        is_unread boolean not null,
        is_deleted boolean not null,
        sealed bytea not null,
        constraint history_message_once primary key (holder, placement, key)
      );

      create index history_by_position on history (holder, placement, position, key);
      create index history_by_conversation on history (holder, placement, conversation, position, key);
      create index history_unread on history (holder, placement, conversation) where is_unread;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table history');
  }
}

/** Messages of before are no news to anybody: all have the change 0, which costs no rewriting. New ones have none yet. */
export class NumberChanges1764100100000 implements MigrationInterface {
  readonly name = 'NumberChanges1764100100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table history add column change bigint default 0;
      alter table history alter column change drop default;
      create index history_by_change on history (holder, change, key) where change is not null;
      create index history_unnumbered on history (holder) where change is null;
      create table change_counter (
        holder bytea not null,
        last bigint not null,
        constraint change_counter_once primary key (holder)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table change_counter;
      drop index history_by_change;
      drop index history_unnumbered;
      alter table history drop column change;
    `);
  }
}
