import { type MigrationInterface, type QueryRunner } from 'typeorm';

export class CreateApi1763900500000 implements MigrationInterface {
  readonly name = 'CreateApi1763900500000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table directory (
        agent bytea not null,
        nickname text not null,
        constraint directory_one_per_agent primary key (agent)
      );
      create index directory_by_nickname on directory (nickname, agent);

      create table access_token (
        hash bytea not null,
        agent bytea not null,
        constraint access_token_one_per_hash primary key (hash)
      );
      create index access_token_by_agent on access_token (agent);

      create table idempotency_key (
        agent bytea not null,
        key bytea not null,
        sealed bytea not null,
        constraint idempotency_key_once primary key (agent, key)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table idempotency_key, access_token, directory');
  }
}
