import { comparedNickname } from '@musubi/messaging';
import { type MigrationInterface, type QueryRunner } from 'typeorm';

const BATCH = 1000;

interface Entry {
  readonly agent: Uint8Array;
  readonly nickname: string;
}

/** Nicknames of before stay as they are, and are found like new ones. */
export class CompareNicknames1764100700000 implements MigrationInterface {
  readonly name = 'CompareNicknames1764100700000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table directory add column compared text`);
    for (;;) {
      const sql = `select agent, nickname from directory where compared is null limit ${BATCH}`;
      const entries = (await runner.query(sql)) as readonly Entry[];
      if (entries.length === 0) break;
      await runner.query(
        `update directory set compared = known.compared
         from unnest($1::bytea[], $2::text[]) as known (agent, compared) where directory.agent = known.agent`,
        [
          entries.map(({ agent }) => Buffer.from(agent)),
          entries.map(({ nickname }) => comparedNickname(nickname)),
        ],
      );
    }
    await runner.query('alter table directory alter column compared set not null');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table directory drop column compared');
  }
}
