import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Nothing is stored or completed for an agent that has left, chunk by chunk.
 *
 * `free_file` locks the file before it looks for other messages, in a statement of its own: of two deletions at once the
 * later one sees what the other has deleted, and a message that begins to refer to the file has committed.
 */
const TRIGGERS = `
  create function free_file() returns trigger language plpgsql as $$
  begin
    perform from file where holder = old.holder and slot = old.slot for update;
    delete from file where holder = old.holder and slot = old.slot and not exists (
      select from file_use where holder = old.holder and slot = old.slot);
    return null;
  end $$;
  create trigger file_released after delete on file_use
    for each row execute function free_file();

  create trigger file_at_home before insert or update on file
    for each row execute function require_holder_at_home();
  create trigger file_chunk_at_home before insert on file_chunk
    for each row execute function require_holder_at_home();`;

/** Chunks are sealed, and so not worth compressing. */
export class CreateFiles1765048000000 implements MigrationInterface {
  readonly name = 'CreateFiles1765048000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table file (
        holder bytea not null,
        slot bytea not null,
        key bytea,
        is_whole boolean not null,
        bytes bigint not null,
        day integer,
        sealed bytea not null,
        constraint file_one_per_slot primary key (holder, slot),
        constraint file_once unique (holder, key)
      );
      create index file_waiting on file (day) where day is not null;

      create table file_chunk (
        holder bytea not null,
        slot bytea not null,
        place integer not null,
        sealed bytea not null,
        constraint file_chunk_once primary key (holder, slot, place),
        constraint file_chunk_of_file foreign key (holder, slot) references file (holder, slot) on delete cascade
      );
      alter table file_chunk alter column sealed set storage external;

      create table file_use (
        holder bytea not null,
        message bytea not null,
        slot bytea not null,
        constraint file_use_once primary key (holder, message),
        constraint file_use_of_file foreign key (holder, slot) references file (holder, slot)
      );
      create index file_use_by_slot on file_use (holder, slot);
    `);
    await runner.query(TRIGGERS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table file_use, file_chunk, file; drop function free_file');
  }
}
