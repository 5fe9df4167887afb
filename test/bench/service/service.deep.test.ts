import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { type TestService, openService } from '../../../apps/api/test/support/open-service.js';
import { type Agent, Client } from '../../../apps/api/test/support/client.js';
import { measureCrypto } from './crypto-floor.js';
import { Crowd } from './crowd.js';
import { Floor } from './floor.js';
import { measurePages } from './history-pages.js';
import { measureHotChain } from './hot-chain.js';
import { HttpClient } from './http-client.js';
import { Ledger } from './ledger.js';
import { runLoad } from './load.js';
import { traceAct } from './traced-act.js';

// Each test starts a service, which takes seconds on a busy machine.

const NOTHING_WRONG = { lost: 0, surplus: 0, unsigned: 0 };

let service: TestService;
let client: HttpClient;
let rest: Client;
let db: pg.Client;

beforeEach(async () => {
  service = await openService({ LOG_LEVEL: 'warn' });
  client = new HttpClient(service.url);
  rest = new Client(service.url);
  db = new pg.Client({ connectionString: service.database.url });
  await db.connect();
});

afterEach(async () => {
  client.close();
  await db.end();
  await service.close();
});

describe('what is sent', () => {
  let alice: Agent;
  let bob: Agent;
  const placement = 'source-chain';

  beforeEach(async () => {
    [alice, bob] = [await rest.newAgent('alice'), await rest.newAgent('bob')];
  });

  it('is found again, each message once, delivered and signed', async () => {
    const ledger = new Ledger();
    const load = { placement, routes: [{ from: alice, to: bob }], seconds: 60, acts: 3 } as const;
    const { sent, latenciesMs } = await runLoad(client, load);
    ledger.note(sent);

    expect([sent.length, latenciesMs.length]).toEqual([3, 3]);
    expect(await ledger.verify(rest, placement)).toEqual({ placement, sent: 3, ...NOTHING_WRONG });
  });

  it('is lost when one of the two no longer has it, and surplus when nobody sent it', async () => {
    const ledger = new Ledger();
    const routes = [{ from: alice, to: bob }];
    const { sent } = await runLoad(client, { placement, routes, seconds: 0 });
    ledger.note(sent);
    await runLoad(client, { placement, routes, seconds: 0 });
    await rest.request(`/v1/strategies/${placement}/messages/${sent[0]?.id}`, {
      token: bob.token,
      method: 'DELETE',
    });

    // Alice holds two of which one was noted; Bob holds only the other.
    const found = await ledger.verify(rest, placement);

    expect(found).toMatchObject({ sent: 1, lost: 1, surplus: 1 });
  });

  it('is refused aloud', async () => {
    const routes = [{ from: alice, to: { ...bob, agent: 'nobody' } }];
    await expect(runLoad(client, { placement, routes, seconds: 0 })).rejects.toThrow('422');
  });
});

describe('the floor', () => {
  it.each(['source-chain', 'pairwise-dht', 'global-dht'] as const)(
    'writes the rows of an act of %s again, alone, at once and in batches',
    async (placement) => {
      const ledger = new Ledger();
      const crowd = await Crowd.gather({ rest, client, ledger }, 1);
      const routes = await crowd.pairs(placement, 1);
      const shape = await traceAct(db, () => runLoad(client, { placement, routes, seconds: 0 }));
      const floor = await Floor.open(shape);
      try {
        const same = [await floor.same(2, 0.1), await floor.atOnce(2, 0.1)];
        const batched = await floor.batched(0.1);
        // Each sees to it that every statement meets as many rows as it should.
        expect(Math.min(...same.map(({ acts }) => acts))).toBeGreaterThanOrEqual(2);
        expect(batched.acts % 64).toBe(0);
      } finally {
        await floor.close();
      }
      expect(shape.transactions.length).toBeGreaterThanOrEqual(3);
      expect(shape.transactions.flat().map(({ table }) => table)).toEqual(
        expect.arrayContaining(['action', 'chain_head', 'history', 'receipt', 'outbox']),
      );
    },
  );

  it('leaves no triggers behind', async () => {
    const crowd = await Crowd.gather({ rest, client, ledger: new Ledger() }, 1);
    const routes = await crowd.pairs('source-chain', 1);
    await traceAct(db, () => runLoad(client, { placement: 'source-chain', routes, seconds: 0 }));

    const { rows } = await db.query(`select 1 from pg_trigger where tgname = 'bench_trace'`);

    expect(rows).toEqual([]);
  });
});

describe('the rest of the benchmark', () => {
  it('reads pages of a history that was filled up', async () => {
    const pages = await measurePages({ rest, client, db }, [100, 200]);

    expect(pages.map(({ messages }) => messages)).toEqual([100, 200]);
    expect(Math.min(...pages.flatMap(({ latestMs, nextMs }) => [latestMs, nextMs]))).toBeGreaterThan(0);
  });

  it('appends to one chain from many writers', async () => {
    const { acts, concurrency } = await measureHotChain(4, 0.1);

    expect(acts).toBeGreaterThanOrEqual(4);
    expect(concurrency).toBe(4);
  });

  it('counts the signatures of an act and calls them again', async () => {
    const { calls, wasmMs } = await measureCrypto('source-chain');

    // Both copies of message and receipt, and the receipts themselves.
    expect(calls['sign']).toBeGreaterThanOrEqual(4);
    // What is verified on the way was signed in this process.
    expect(calls['verify']).toBeUndefined();
    expect(wasmMs).toBeGreaterThan(0);
  });
});
