import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * `require_agent_at_home` decides in the transaction that writes. It shares a lock with the other writers of the same
 * bucket, of which there are 256, and looks at the fence after it has it: raising the fence takes the lock alone,
 * so that it waits for the writers under way, and each later one sees it. The lock is in memory: a row that all writers
 * share would be written by each of them.
 *
 * An import takes no part in this (`musubi.arriving`). Its file may arrive slowly, in one transaction, and its rows are
 * nobody's until that commits: with the lock it would hold up the fences of other agents.
 */
export class FenceAgents1764700000000 implements MigrationInterface {
  readonly name = 'FenceAgents1764700000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table agent_fence (
        agent bytea not null,
        is_moved boolean not null,
        seq bigint not null,
        constraint agent_fence_one_per_agent primary key (agent)
      );

      create function require_agent_at_home(agent_key bytea) returns void language plpgsql as $$
      begin
        if current_setting('musubi.arriving', true) = 'on' then
          return;
        end if;
        perform pg_advisory_xact_lock_shared(1836413549, get_byte(agent_key, 0));
        if exists (select from agent_fence where agent = agent_key) then
          raise exception 'the agent has left this node' using errcode = 'check_violation', constraint = 'agent_at_home';
        end if;
      end $$;

      create function require_author_at_home() returns trigger language plpgsql as $$
      begin
        perform require_agent_at_home(new.author);
        return new;
      end $$;

      create function require_holder_at_home() returns trigger language plpgsql as $$
      begin
        perform require_agent_at_home(new.holder);
        return new;
      end $$;

      create trigger action_at_home before insert on action
        for each row execute function require_author_at_home();
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop trigger action_at_home on action;
      drop function require_author_at_home, require_holder_at_home, require_agent_at_home;
      drop table agent_fence;
    `);
  }
}
