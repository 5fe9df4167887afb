import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** What lies there already belongs to period 0; what is published from now on, to the second one after it. */
export class CreateDhtFeed1764300100000 implements MigrationInterface {
  readonly name = 'CreateDhtFeed1764300100000';

  async up(runner: QueryRunner): Promise<void> {
    await this.createPeriods(runner);
    await this.createFeed(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table dht_feed, dht_arrival, dht_day, dht_period');
  }

  private async createPeriods(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table dht_period (
        number integer not null,
        day integer not null,
        constraint dht_period_once primary key (number)
      );
      insert into dht_period (number, day) values (2, 0);

      create table dht_day (
        space bytea not null,
        period integer not null,
        day integer not null,
        constraint dht_day_once primary key (space, period, day)
      );
      insert into dht_day (space, period, day)
        select distinct l.space, 0, (a.at / 86400000000)::int
        from dht_link l
        join action a on a.space = l.space and a.author = l.author and a.seq = l.seq;
    `);
  }

  /** Both are emptied together when the server crashes, which is how a reader notices. */
  private async createFeed(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create unlogged table dht_arrival (
        transaction bigint not null,
        author bytea not null,
        seq integer not null,
        base bytea not null,
        constraint dht_arrival_once primary key (transaction, author, seq)
      );

      create unlogged table dht_feed (
        epoch bigint not null,
        trimmed bigint not null,
        constraint dht_feed_once primary key (epoch)
      );
    `);
  }
}
