import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * A deleted agent keeps its fence for good. `require_holder_not_deleted` is for tables that an agent which is only leaving may
 * still write to: what stays of it there does no harm, as its old home keeps its rows anyway. Of a deleted agent nothing may
 * stay, and so no row may come after its rows were deleted. It shares the lock of the other writers, so that the deletion
 * waits for what is being written.
 */
export class FenceDeleted1765080000000 implements MigrationInterface {
  readonly name = 'FenceDeleted1765080000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table agent_fence
        add column is_deleted boolean not null default false,
        add column is_clearing boolean not null default false;
      alter table agent_fence alter column is_deleted drop default, alter column is_clearing drop default;

      create function require_holder_not_deleted() returns trigger language plpgsql as $$
      begin
        if current_setting('musubi.arriving', true) = 'on' then
          return new;
        end if;
        perform pg_advisory_xact_lock_shared(1836413549, get_byte(new.holder, 0));
        if exists (select from agent_fence where agent = new.holder and is_deleted) then
          raise exception 'the agent was deleted' using errcode = 'check_violation', constraint = 'agent_at_home';
        end if;
        return new;
      end $$;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop function require_holder_not_deleted;
      alter table agent_fence drop column is_deleted, drop column is_clearing;
    `);
  }
}
