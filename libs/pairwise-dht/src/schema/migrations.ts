import { type MigrationInterface, type QueryRunner } from 'typeorm';

export class CreatePairwiseDht1763900300000 implements MigrationInterface {
  readonly name = 'CreatePairwiseDht1763900300000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table clone (
        holder bytea not null,
        key bytea not null,
        is_enabled boolean not null,
        is_peer_joined boolean not null,
        proof bytea not null,
        constraint clone_one_per_pair primary key (holder, key)
      );

      create table integrated_record (
        space bytea not null,
        holder bytea not null,
        author bytea not null,
        seq integer not null,
        hash bytea not null,
        record bytea not null,
        constraint integrated_record_one_per_seq primary key (space, holder, author, seq)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table integrated_record, clone');
  }
}

/** Clones from before have no note of their peer: it is made when they are next used. */
export class AddClonePeer1764000100000 implements MigrationInterface {
  readonly name = 'AddClonePeer1764000100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table clone add column sealed bytea');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table clone drop column sealed');
  }
}

/** Who opened the clones of before is not known: they count as their holders' own. */
export class CountCloneInvitations1764300200000 implements MigrationInterface {
  readonly name = 'CountCloneInvitations1764300200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table clone add column is_invited boolean not null default false');
    await runner.query('alter table clone alter column is_invited drop default');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table clone drop column is_invited');
  }
}
