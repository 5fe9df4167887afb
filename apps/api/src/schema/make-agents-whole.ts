import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Keys under which agents were made; and agents that were made by half are gone. Those have no directory entry, and their
 * key was told to nobody: the directory entry was written before the answer.
 */
export class MakeAgentsWhole1764100200000 implements MigrationInterface {
  readonly name = 'MakeAgentsWhole1764100200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table agent_creation (
        key bytea not null,
        sealed bytea not null,
        made_at bigint not null,
        constraint agent_creation_once primary key (key)
      );
      create index agent_creation_by_time on agent_creation (made_at);

      create temporary table half_made on commit drop as
        select agent from agent_key where not exists (select from directory where directory.agent = agent_key.agent);
      delete from action using half_made where action.author = half_made.agent;
      delete from chain_head using half_made where chain_head.author = half_made.agent;
      delete from agent_key using half_made where agent_key.agent = half_made.agent;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table agent_creation');
  }
}
