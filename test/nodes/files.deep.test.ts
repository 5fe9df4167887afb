import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { serviceDatabase } from '../../apps/api/src/node/database.js';
import { type Agent } from '../../apps/api/test/support/client.js';
import { FileClient, bytesOf } from '../../apps/api/test/support/file-client.js';
import { NODE_SECRET } from '../../apps/api/test/support/open-service.js';
import { untilEqual } from '../support/until.js';
import { LinkedNode } from './support/linked-node.js';
import { PASSPHRASE, exportOf, importTo } from './support/moving.js';

const PLACEMENTS = ['source-chain', 'pairwise-dht'] as const;
/** Some twelve chunks, of which each takes a frame. */
const SIZE = 3_000_000;

/** The chunk at which a node stops for the lock of the test. */
const HELD_PLACE = 5;
const LOCK = 4711;
const HOLD_CHUNK = `
  create function hold_chunk() returns trigger language plpgsql as $$
  begin
    perform pg_advisory_xact_lock(${LOCK});
    return new;
  end $$;
  create trigger hold_chunk before insert on file_chunk for each row
    when (new.place = ${HELD_PLACE}) execute function hold_chunk();`;
const WAITING = `
  select count(*)::int as waiting from pg_locks
  where locktype = 'advisory' and objid = ${LOCK} and not granted
    and database = (select oid from pg_database where datname = current_database())`;

let database: TestDatabase;
let here: LinkedNode;
let there: LinkedNode;
let alice: Agent;
let bob: Agent;

const at = (node: LinkedNode): FileClient => new FileClient(node.client);

beforeAll(async () => {
  database = await openTestDatabase(serviceDatabase, { poolSize: 2 });
  await database.dataSource.query(HOLD_CHUNK);
  const onDatabase = { DATABASE_URL: database.url, NODE_SECRET };
  [here, there] = await Promise.all([LinkedNode.start(), LinkedNode.start(onDatabase)]);
  alice = await here.client.newAgent('alice', PASSPHRASE);
  bob = await there.client.newAgent('bob');
  await here.take(alice, bob.agent, await there.cardOf(bob));
  await there.take(bob, alice.agent, await here.cardOf(alice));
});

afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
  await database.close();
});

/** While the other node waits for a lock in the middle of a file. */
async function amidFile(work: () => Promise<void>): Promise<void> {
  const holder = database.dataSource.createQueryRunner();
  await holder.query('select pg_advisory_lock($1)', [LOCK]);
  try {
    await work();
  } finally {
    await holder.query('select pg_advisory_unlock($1)', [LOCK]);
    await holder.release();
  }
}

async function waiting(): Promise<number> {
  const [row] = await database.dataSource.query<{ waiting: number }[]>(WAITING);
  return row?.waiting ?? 0;
}

async function chunksOfArriving(): Promise<number> {
  const [row] = await database.dataSource.query<{ chunks: number }[]>(
    'select count(*)::int as chunks from file_chunk join file using (holder, slot) where not is_whole',
  );
  return row?.chunks ?? 0;
}

describe.each(PLACEMENTS)('a file on %s to another node', (strategy) => {
  it('arrives whole, and is downloaded there', async () => {
    const bytes = randomBytes(SIZE);
    const file = await at(here).upload(alice, bytes);

    const { id } = await at(here).deliver({ strategy, from: alice, to: bob }, { type: 'file', file });

    expect((await at(there).find(strategy, bob, id)).payload).toEqual({ type: 'file', text: null, file });
    expect(Buffer.compare(await bytesOf(await at(there).download(bob, file)), bytes)).toBe(0);
  });

  it('arrives although the other node is killed in the middle and starts again', async () => {
    const bytes = randomBytes(SIZE);
    const file = await at(here).upload(alice, bytes);
    const place = ((await there.about(bob)).addresses[0] ?? '').replace('tcp://', '');
    let sending: ReturnType<FileClient['deliver']> | undefined;

    await amidFile(async () => {
      sending = at(here).deliver({ strategy, from: alice, to: bob }, { type: 'file', file });
      sending.catch(() => undefined);
      await untilEqual(1, waiting);
      expect(await chunksOfArriving()).toBe(HELD_PLACE);
      await there.end('SIGKILL');
    });
    await there.startAgain(place);
    const { id } = (await sending) ?? { id: '' };

    expect((await at(there).find(strategy, bob, id)).status).toBe('delivered');
    expect(Buffer.compare(await bytesOf(await at(there).download(bob, file)), bytes)).toBe(0);
  });
});

describe('an agent that moves', () => {
  it('takes its files along', async () => {
    const bytes = randomBytes(SIZE);
    const file = await at(here).upload(alice, bytes);
    const toHerself = { strategy: 'source-chain', from: alice, to: alice };
    expect((await at(here).send(toHerself, { type: 'file', file })).status).toBe(201);

    const exported = await exportOf(here, alice);
    const imported = await importTo(there, alice, exported.body);
    expect([exported.status, imported.status]).toEqual([200, 201]);
    const moved = (await imported.json()) as Agent;

    expect(Buffer.compare(await bytesOf(await at(there).download(moved, file)), bytes)).toBe(0);
  });
});
