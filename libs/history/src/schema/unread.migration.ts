import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Only its holder's key makes a mark of an unread row, so the rows that are unread now are listed apart until their
 * holders come. Dropping the column rewrites nothing, whatever the size of the table.
 */
export class MarkUnread1764400000000 implements MigrationInterface {
  readonly name = 'MarkUnread1764400000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table unread_mark (
        holder bytea not null,
        placement text not null,
        key bytea not null,
        conversation bytea not null,
        constraint unread_mark_once primary key (holder, placement, key)
      );

      create table unread_unmarked (
        holder bytea not null,
        placement text not null,
        key bytea not null,
        constraint unread_unmarked_once primary key (holder, placement, key)
      );

      insert into unread_unmarked (holder, placement, key)
        select holder, placement, key from history where is_unread;
      drop index history_unread;
      alter table history drop column is_unread;
    `);
  }

  /** A mark does not tell its row to who has no key: what has one counts as read from then on. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table history add column is_unread boolean not null default false;
      alter table history alter column is_unread drop default;
      update history set is_unread = true from unread_unmarked as unread
        where history.holder = unread.holder and history.placement = unread.placement and history.key = unread.key;
      create index history_unread on history (holder, placement, conversation) where is_unread;
      drop table unread_unmarked, unread_mark;
    `);
  }
}
