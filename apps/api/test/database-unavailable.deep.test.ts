import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { until, untilEqual } from '../../../test/support/until.js';
import { serviceDatabase } from '../src/node/database.js';
import { type Agent, Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';
import { type Relay, openRelay } from './support/relay.js';

let database: TestDatabase;
let relay: Relay;
let service: TestService;
let client: Client;
let alice: Agent;
let bob: Agent;

beforeAll(async () => {
  database = await openTestDatabase(serviceDatabase);
  relay = await openRelay(database.url);
  service = await openService({ DATABASE_URL: relay.url });
  client = new Client(service.url);
  alice = await client.newAgent('alice');
  bob = await client.newAgent('bob');
});

afterAll(async () => {
  relay.resume();
  await service.close();
  await relay.close();
  await database.close();
});

const readiness = async (): Promise<number> => (await client.request('/health/ready')).status;

async function sendInVain(strategy: string): Promise<void> {
  const body = { to: bob.agent, payload: { type: 'text', text: 'in vain' } };
  const path = `/v1/strategies/${strategy}/messages`;
  const problem = await client.get('problem', path, { token: alice.token, body, status: 503 });

  expect([problem.type, problem.retryable]).toEqual(['urn:musubi:problem:unavailable', true]);
}

/** An answer may arrive before the line of the log about it. */
const untilLogged = (text: string): Promise<void> =>
  until(() => {
    expect(service.log()).toContain(text);
    return Promise.resolve();
  });

/** Every write of messages fails with that state. */
async function failWith(sqlState: string): Promise<void> {
  await database.dataSource.query(
    `create function refuse() returns trigger language plpgsql as $$
     begin raise exception 'refused: %', 'in vain' using errcode = '${sqlState}'; end $$`,
  );
  await database.dataSource.query(
    'create trigger refuse before insert on history for each statement execute function refuse()',
  );
}

async function succeedAgain(): Promise<void> {
  await database.dataSource.query('drop trigger refuse on history');
  await database.dataSource.query('drop function refuse');
}

/** For the sessions that begin from here on; the others end. */
async function setReadOnly(isReadOnly: boolean): Promise<void> {
  const name = new URL(database.url).pathname.slice(1);
  const value = isReadOnly ? 'on' : 'off';
  await database.dataSource.query(`alter database "${name}" set default_transaction_read_only = ${value}`);
  await database.dataSource.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and application_name like 'musubi%'`,
  );
}

describe('a state of the database that passes', () => {
  it.each([
    ['a disk that is full', '53100'],
    ['memory that is used up', '53200'],
    ['a statement that took too long', '57014'],
    ['an input/output error', '58030'],
    ['a transaction that was rolled back for others', '40001'],
  ])('is a 503 that can be repeated: %s', async (_, sqlState) => {
    await failWith(sqlState);
    try {
      for (const strategy of STRATEGY_NAMES) await sendInVain(strategy);
    } finally {
      await succeedAgain();
    }

    await untilLogged(`"sqlState":"${sqlState}"`);
    expect(service.log()).not.toContain('in vain');
    await client.send('source-chain', alice, bob);
  });

  it('is a 503 within a bound where a table is locked, for those who read and those who write', async () => {
    const listing = (): Promise<number> =>
      client
        .request('/v1/strategies/source-chain/messages', { token: alice.token })
        .then(({ status }) => status);
    const lock = database.dataSource.createQueryRunner();
    await lock.startTransaction();
    await lock.query('lock table history in access exclusive mode');
    try {
      const [status] = await Promise.all([listing(), sendInVain('source-chain')]);
      expect(status).toBe(503);
      await untilLogged('"sqlState":"55P03"');
    } finally {
      await lock.rollbackTransaction();
      await lock.release();
    }

    expect(await listing()).toBe(200);
  });
});

describe('a database that takes no writes', () => {
  it('is told by readiness and by every send, with its state in the log, until it takes them again', async () => {
    await setReadOnly(true);
    try {
      await untilEqual(503, readiness);
      // The first ones find their connections ended.
      await until(async () => {
        await sendInVain('source-chain');
        expect(service.log()).toContain('"sqlState":"25006"');
      });
      await until(async () => {
        expect(await readiness()).toBe(503);
        expect(service.log()).toContain('"reason":"25006"');
      });
    } finally {
      await setReadOnly(false);
    }

    await untilEqual(200, readiness);
    // The first ones may find their connections ended again.
    await until(() => client.send('source-chain', alice, bob));
  });
});

describe('a database that says nothing any more', () => {
  it('is told by readiness, and each request ends with a 503, until it speaks again', async () => {
    relay.silence();
    try {
      await untilEqual(503, readiness);
      await Promise.all(STRATEGY_NAMES.map(sendInVain));
      expect((await client.request('/health/live')).status).toBe(200);
    } finally {
      relay.resume();
    }

    await untilEqual(200, readiness);
    await until(async () => {
      expect((await client.send('source-chain', alice, bob)).status).toBe('delivered');
    });
  });
});

describe('readiness', () => {
  let idle: TestService;

  // A service of its own: what others had to roll back, PostgreSQL may count some seconds later.
  beforeAll(async () => {
    idle = await openService();
  });

  afterAll(() => idle.close());

  it('asks the database once a second, however many ask', async () => {
    const { dataSource } = idle.database;
    const rolledBack = async (): Promise<number> => {
      const sql = 'select xact_rollback as count from pg_stat_database where datname = current_database()';
      const [row] = await dataSource.query<{ count: string }[]>(sql);
      return Number(row?.count);
    };
    const ask = async (): Promise<number> => (await fetch(`${idle.url}/health/ready`)).status;
    const before = await rolledBack();
    const begun = performance.now();

    for (let time = 0; time < 5; time += 1) {
      const answers = await Promise.all(Array.from({ length: 100 }, ask));
      // On a busy machine an answer of the database may come too late for one of them.
      expect(answers.filter((status) => status !== 200 && status !== 503)).toEqual([]);
    }

    const seconds = (performance.now() - begun) / 1000;
    // Nothing else of an idle service is rolled back.
    expect((await rolledBack()) - before).toBeLessThanOrEqual(seconds + 2);
  });
});
