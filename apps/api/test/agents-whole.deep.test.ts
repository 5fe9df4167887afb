import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes, toBase64Url } from '@musubi/crypto';
import { until } from '../../../test/support/until.js';
import { MakeAgentsWhole1764100200000 } from '../src/schema/make-agents-whole.js';
import { type Agent, Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

const PASSPHRASE = 'correct horse battery staple';
const CREATIONS = 40;
const AT_ONCE = 8;

let service: TestService;
let client: Client;

beforeAll(async () => {
  service = await openService({ SIGN_INS_PER_MINUTE: '10000' });
  client = new Client(service.url);
});

afterAll(() => service.close());

const randomKey = (): string => toBase64Url(randomBytes(16));
const create = (body: object, key?: string): Promise<Response> =>
  client.request('/v1/agents', {
    body,
    ...(key === undefined ? {} : { headers: { 'idempotency-key': key } }),
  });
const made = async (body: object, key?: string): Promise<Agent> => {
  const answer = await create(body, key);
  expect(answer.status).toBe(201);
  return (await answer.json()) as Agent;
};
const problemOf = async (answer: Response): Promise<readonly [number, string]> => {
  const { status, type } = (await answer.json()) as { status: number; type: string };
  return [status, type.replace('urn:musubi:problem:', '')];
};
const count = async (sql: string): Promise<number> => {
  const [row] = await service.database.dataSource.query<{ count: number }[]>(
    `select count(*)::int as count from ${sql}`,
  );
  return row?.count ?? -1;
};
const isGood = async ({ token }: Agent): Promise<boolean> =>
  (await client.request('/v1/strategies/source-chain/messages', { token })).ok;

/** Of each agent's key: its directory entry, its first token, and a genesis of three actions on two placements. */
const HALF_MADE = `agent_key key where
  not exists (select from directory where directory.agent = key.agent)
  or not exists (select from access_token token where token.agent = key.agent)
  or (select count(*) from chain_head where author = key.agent) <> 2
  or (select count(*) from action where author = key.agent and seq < 3) <> 6`;

describe('an agent', () => {
  it('is whole as soon as it is there', async () => {
    await made({ nickname: 'whole' });
    await made({ nickname: 'whole', passphrase: PASSPHRASE });

    expect([await count('agent_key'), await count(HALF_MADE)]).toEqual([2, 0]);
  });

  it('is made whole or not at all while backends of the database are ended, and once under its key', async () => {
    const before = await count('agent_key');
    const keys = Array.from({ length: CREATIONS }, randomKey);
    const end = `select count(pg_terminate_backend(pid)) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`;
    const answers: Response[] = [];
    for (let from = 0; from < CREATIONS; from += AT_ONCE) {
      const creations = keys.slice(from, from + AT_ONCE).map((key) => create({ nickname: 'random' }, key));
      await service.database.dataSource.query(end);
      answers.push(...(await Promise.all(creations)));
    }
    expect(await count(HALF_MADE)).toBe(0);
    expect(answers.filter(({ status }) => ![201, 503].includes(status))).toEqual([]);

    // A backend may end some time after it was told to, and take a request along.
    const again = await until(() => Promise.all(keys.map((key) => made({ nickname: 'random' }, key))));

    expect(new Set(again.map(({ agent }) => agent)).size).toBe(CREATIONS);
    expect([(await count('agent_key')) - before, await count(HALF_MADE)]).toEqual([CREATIONS, 0]);
    for (const agent of again) expect(await isGood(agent)).toBe(true);
  });

  it('that was made by half before is gone after the migration, and no other is', async () => {
    await service.database.dataSource.query(`
      with lost as (delete from directory where agent in (select agent from directory limit 1) returning agent)
      select agent from lost`);
    const whole = await count('directory');
    const runner = service.database.dataSource.createQueryRunner();
    const migration = new MakeAgentsWhole1764100200000();
    await migration.down(runner);
    await migration.up(runner);
    await runner.release();

    expect([await count('agent_key'), await count(HALF_MADE)]).toEqual([whole, 0]);
    expect(await count('chain_head where author not in (select agent from agent_key)')).toBe(0);
  });
});

describe('a repeated request to make an agent', () => {
  it('is answered with the same agent and a token of its own', async () => {
    const key = randomKey();
    const first = await made({ nickname: 'twice' }, key);

    const again = await made({ nickname: 'twice' }, `"${key}"`);

    expect([again.agent, again.token === first.token]).toEqual([first.agent, false]);
    expect([await isGood(first), await isGood(again)]).toEqual([true, true]);
    expect(await count(`directory where nickname = 'twice'`)).toBe(1);
  });

  it('makes one agent when several come at once', async () => {
    const key = randomKey();
    const agents = await Promise.all(Array.from({ length: AT_ONCE }, () => made({ nickname: 'rush' }, key)));

    expect(new Set(agents.map(({ agent }) => agent)).size).toBe(1);
    expect([await count(`directory where nickname = 'rush'`), await count(HALF_MADE)]).toEqual([1, 0]);
  });

  it('needs the passphrase of the first, whatever the key', async () => {
    const first = await made({ nickname: 'sealed', passphrase: PASSPHRASE }, 'short');
    const other = { nickname: 'sealed', passphrase: 'another passphrase' };

    const again = await made({ nickname: 'sealed', passphrase: PASSPHRASE }, 'short');

    expect([again.agent, await isGood(again)]).toEqual([first.agent, true]);
    expect(await problemOf(await create(other, 'short'))).toEqual([409, 'idempotency-key-reused']);
    expect(await problemOf(await create({ nickname: 'sealed' }, 'short'))).toEqual([400, 'malformed']);
  });

  it.each([{ nickname: 'else' }, { nickname: 'first', passphrase: PASSPHRASE }])(
    'is refused when it says something else: %j',
    async (body) => {
      const key = randomKey();
      await made({ nickname: 'first' }, key);
      const before = await service.rows();

      expect(await problemOf(await create(body, key))).toEqual([409, 'idempotency-key-reused']);
      expect(await service.rows()).toBe(before);
    },
  );

  it.each(['k1', 'a'.repeat(21), '"order 4711"'])(
    'cannot have a key that is guessed, unless a passphrase proves whose it is: %s',
    async (key) => {
      const before = await service.rows();

      expect(await problemOf(await create({ nickname: 'open' }, key))).toEqual([400, 'malformed']);
      expect(await service.rows()).toBe(before);
    },
  );

  it('is a first one when the one before it was refused', async () => {
    const key = randomKey();
    expect(await problemOf(await create({ nickname: '' }, key))).toEqual([422, 'invalid']);

    expect(await made({ nickname: 'corrected' }, key)).toHaveProperty('token');
  });

  it('is a first one after a day', async () => {
    const key = randomKey();
    const first = await made({ nickname: 'late' }, key);
    await service.database.dataSource.query('update agent_creation set made_at = made_at - 86400000000');

    const again = await made({ nickname: 'late' }, key);

    expect(again.agent).not.toBe(first.agent);
    expect(await count('agent_creation')).toBe(1);
  });

  it('leaves neither its key nor a token where they are stored', async () => {
    const key = randomKey();
    const { token } = await made({ nickname: 'secret' }, key);
    const rows = await service.database.dataSource.query<object[]>(
      `select encode(key, 'escape') || encode(sealed, 'escape') as text from agent_creation
       union all select encode(hash, 'escape') from access_token`,
    );

    expect(rows.length).toBeGreaterThan(0);
    expect([token, key].filter((secret) => JSON.stringify(rows).includes(secret))).toEqual([]);
    expect(service.log()).not.toContain(key);
  });
});
