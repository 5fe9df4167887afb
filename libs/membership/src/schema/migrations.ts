import { type MigrationInterface, type QueryRunner } from 'typeorm';

export class CreateMembership1764600100000 implements MigrationInterface {
  readonly name = 'CreateMembership1764600100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table node_record (
        name bytea not null,
        record bytea not null,
        fork bytea,
        told_by bytea,
        contact_day integer,
        arrival bigint not null,
        constraint node_record_one_per_node primary key (name)
      );
      create table agent_record (
        name bytea not null,
        record bytea not null,
        fork bytea,
        told_by bytea,
        arrival bigint not null,
        constraint agent_record_one_per_agent primary key (name)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table agent_record; drop table node_record');
  }
}

export class ShareCards1764810000000 implements MigrationInterface {
  readonly name = 'ShareCards1764810000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table node_record add column holds integer not null default 0;
      alter table node_record alter column holds drop default;
      alter table agent_record add column holds integer not null default 0;
      alter table agent_record alter column holds drop default;
      create table card_hold (
        holder bytea not null,
        pair bytea not null,
        node bytea not null,
        constraint card_hold_once primary key (holder, pair)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table card_hold;
      alter table agent_record drop column holds;
      alter table node_record drop column holds;
    `);
  }
}
