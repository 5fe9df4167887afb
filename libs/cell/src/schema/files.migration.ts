import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Chunks are sealed, and so not worth compressing. Nothing is stored for an agent that has left, chunk by chunk. */
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

      create trigger file_at_home before insert on file
        for each row execute function require_holder_at_home();
      create trigger file_chunk_at_home before insert on file_chunk
        for each row execute function require_holder_at_home();
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table file_use, file_chunk, file');
  }
}
