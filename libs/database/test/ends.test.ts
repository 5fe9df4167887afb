import { once } from 'node:events';
import { type Server, type Socket, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createDataSource, listen } from '@musubi/database';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { ResilientClient } from '../src/resilient-client.js';
import { SteadyPool } from '../src/steady-pool.js';
import { counterParts } from './support/counter.parts.js';

let database: TestDatabase;
/** Takes connections and says nothing: as a server that is suspended, or whose answers are lost on the way. */
let silent: Server;
let silentUrl: string;
const sockets = new Set<Socket>();

beforeAll(async () => {
  database = await openTestDatabase(counterParts);
});
afterAll(() => database.close());

beforeEach(async () => {
  silent = createServer((socket) => sockets.add(socket.on('error', () => undefined).resume()));
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = silent.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  silentUrl = `postgres://musubi@127.0.0.1:${port}/x`;
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  silent.close();
});

const nothing = (): void => undefined;

describe('a connection', () => {
  it.each(Array.from({ length: 15 }, (_, ms) => ms))('can be ended %s ms after it was begun', async (ms) => {
    const client = new ResilientClient(database.url);
    const connecting = client.connect().catch((error: unknown) => error);
    await sleep(ms);
    await client.end();
    await expect(connecting).resolves.toBeDefined();
  });

  it('is refused once it has been ended', async () => {
    const client = new ResilientClient(database.url);
    await client.end();
    await expect(client.connect()).rejects.toThrow('terminated');
  });

  it('can be ended while the server says nothing', async () => {
    const client = new ResilientClient(silentUrl);
    const connecting = client.connect();
    const refused = expect(connecting).rejects.toThrow('terminated');
    await once(silent, 'connection');
    await client.end();
    await refused;
  });
});

describe('a listener', () => {
  it.each(Array.from({ length: 15 }, (_, ms) => ms))(
    'can be closed %s ms after it was opened',
    async (ms) => {
      const listening = listen({ url: database.url, channel: 'x', onNotify: nothing });
      await sleep(ms);
      await expect(listening.close()).resolves.toBeUndefined();
    },
  );

  it('can be closed while the server says nothing', async () => {
    const listening = listen({ url: silentUrl, channel: 'x', onNotify: nothing });
    await once(silent, 'connection');
    await expect(listening.close()).resolves.toBeUndefined();
  });
});

describe('a pool that ends', () => {
  it('fails those who wait for a connection', async () => {
    const pool = new SteadyPool({ connectionString: database.url, max: 1, Client: ResilientClient });
    const client = await pool.connect();
    const waiting = expect(pool.query('select 1')).rejects.toThrow('terminated');
    const ending = pool.end();
    await waiting;
    client.release();
    await ending;
  });

  it('is not disturbed by a wait whose time is over only then', async () => {
    const pool = new SteadyPool({ connectionString: database.url, max: 1, Client: ResilientClient });
    const client = await pool.connect();
    // Only now: the first connection takes as long as it takes.
    pool.options.connectionTimeoutMillis = 50;
    const waiting = expect(pool.connect()).rejects.toThrow('terminated');
    const ending = pool.end();
    await waiting;
    await sleep(2 * pool.options.connectionTimeoutMillis);
    client.release();
    await ending;
  });

  it('gives back a connection that comes after the end', async () => {
    const pool = new SteadyPool({ connectionString: database.url, max: 1, Client: ResilientClient });
    const waiting = expect(pool.connect()).rejects.toThrow('terminated');
    await Promise.all([pool.end(), waiting]);
    expect(pool.totalCount).toBe(0);
  });
});

describe('a data source', () => {
  it('fails what waits for the server when it is cut, and what is asked later', async () => {
    const db = createDataSource({ ...counterParts, url: database.url, poolSize: 1 });
    await db.initialize();
    const waiting = ['select pg_sleep(600)', 'select 1'].map((sql) =>
      expect(db.query(sql)).rejects.toThrow(),
    );
    db.cut();
    await Promise.all(waiting);
    await expect(db.query('select 1')).rejects.toThrow();
    await db.destroy();
  });

  it('is destroyed although a statement does not end', async () => {
    const db = createDataSource({ ...counterParts, url: database.url, poolSize: 1 });
    await db.initialize();
    const sleeping = expect(db.query('select pg_sleep(600)')).rejects.toThrow();
    await db.destroy();
    await sleeping;
  });

  it('gives up connecting when it is cut', async () => {
    const db = createDataSource({ ...counterParts, url: silentUrl });
    const starting = expect(db.initialize()).rejects.toThrow();
    await once(silent, 'connection');
    db.cut();
    await starting;
  });
});
