import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Tokens become sessions: named, in order, and with times to expire by. Those of before begin now; no
 * unlocking accepts an attended agent's older ones.
 */
export class AddSessions1764100100000 implements MigrationInterface {
  readonly name = 'AddSessions1764100100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table access_token
        add column id bytea not null default decode(replace(gen_random_uuid()::text, '-', ''), 'hex'),
        add column seq bigserial not null,
        add column is_attended boolean not null default false,
        add column created_at bigint not null default extract(epoch from now()) * 1000000,
        add column used_at bigint not null default extract(epoch from now()) * 1000000,
        add constraint access_token_one_per_id unique (id);
      update access_token token set is_attended = true
        where exists (select from agent_key key where key.agent = token.agent and key.is_attended);
      alter table access_token
        alter column id drop default,
        alter column is_attended drop default,
        alter column created_at drop default,
        alter column used_at drop default;
      drop index access_token_by_agent;
      create index access_token_by_agent on access_token (agent, seq);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop index access_token_by_agent;
      create index access_token_by_agent on access_token (agent);
      alter table access_token
        drop column id, drop column seq, drop column is_attended, drop column created_at, drop column used_at;
    `);
  }
}
