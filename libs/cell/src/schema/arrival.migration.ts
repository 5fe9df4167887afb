import { type MigrationInterface, type QueryRunner } from 'typeorm';

const REQUIRE = `
  perform pg_advisory_xact_lock_shared(1836413549, get_byte(agent_key, 0));
  if exists (select from agent_fence where agent = agent_key) then
    raise exception 'the agent has left this node' using errcode = 'check_violation', constraint = 'agent_at_home';
  end if;`;

/**
 * A file arrives for as long as its sender likes, in one transaction. Its rows are nobody's until that commits, so that
 * it shares no lock: whoever raises the fence of another agent would wait for it.
 */
export class LetArrivalsWrite1764700300000 implements MigrationInterface {
  readonly name = 'LetArrivalsWrite1764700300000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create or replace function require_agent_at_home(agent_key bytea) returns void language plpgsql as $$
      begin
        if current_setting('musubi.arriving', true) = 'on' then
          return;
        end if;
        ${REQUIRE}
      end $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create or replace function require_agent_at_home(agent_key bytea) returns void language plpgsql as $$
      begin
        ${REQUIRE}
      end $$`);
  }
}
