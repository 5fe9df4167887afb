import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** By bytes, in whatever order the database has words: a beginning of a word is a range then. */
export class OrderDirectory1764600000000 implements MigrationInterface {
  readonly name = 'OrderDirectory1764600000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create index directory_by_compared on directory (compared collate "C", agent);
      drop index directory_by_nickname;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create index directory_by_nickname on directory (nickname, agent);
      drop index directory_by_compared;
    `);
  }
}
