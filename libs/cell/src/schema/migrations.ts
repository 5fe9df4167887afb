import { type MigrationInterface, type QueryRunner } from 'typeorm';

export class CreateCell1763900000000 implements MigrationInterface {
  readonly name = 'CreateCell1763900000000';

  async up(runner: QueryRunner): Promise<void> {
    await this.createKeys(runner);
    await this.createChains(runner);
    await this.createDht(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table dht_link, dht_entry, chain_entry, action, chain_head, agent_key');
  }

  private async createKeys(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table agent_key (
        agent bytea not null,
        sealed bytea not null,
        is_attended boolean not null,
        constraint agent_key_one_per_agent primary key (agent)
      );
    `);
  }

  private async createChains(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table chain_head (
        space bytea not null,
        author bytea not null,
        seq integer not null,
        hash bytea not null,
        constraint chain_head_one_per_chain primary key (space, author)
      );

      create table action (
        space bytea not null,
        author bytea not null,
        seq integer not null,
        prev_hash bytea,
        hash bytea not null,
        at bigint not null,
        type text not null,
        entry_hash bytea,
        entry_type text,
        visibility text,
        base bytea,
        target bytea,
        tag bytea,
        proof bytea,
        signature bytea not null,
        constraint action_one_per_seq primary key (space, author, seq),
        constraint action_one_per_prev unique (space, author, prev_hash)
      );

      create table chain_entry (
        space bytea not null,
        author bytea not null,
        hash bytea not null,
        body bytea not null,
        constraint chain_entry_one_per_hash primary key (space, author, hash)
      );
    `);
  }

  private async createDht(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table dht_entry (
        space bytea not null,
        hash bytea not null,
        body bytea not null,
        constraint dht_entry_one_per_hash primary key (space, hash)
      );

      create table dht_link (
        space bytea not null,
        base bytea not null,
        author bytea not null,
        seq integer not null,
        target bytea not null,
        tag bytea not null,
        hash bytea not null,
        constraint dht_link_one_per_action primary key (space, base, author, seq)
      );
    `);
  }
}
