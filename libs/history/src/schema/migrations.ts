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
