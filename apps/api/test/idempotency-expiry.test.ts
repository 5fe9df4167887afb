import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Agent, Client, type MessageJson } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

/** Of a stored row, whatever the key and the message. */
const MAX_ROW_BYTES = 1280;

let service: TestService;
let client: Client;
let alice: Agent;
let bob: Agent;

beforeAll(async () => {
  service = await openService();
  client = new Client(service.url);
  [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob')];
});

afterAll(() => service.close());

const query = <Row>(sql: string): Promise<Row[]> => service.database.dataSource.query(sql);
const sendUnder = (key: string, text = 'hello'): Promise<MessageJson> =>
  client.send('source-chain', alice, bob, { text, headers: { 'idempotency-key': key } });
/** What time does: a period has 30 days. */
const passPeriods = (periods: number): Promise<unknown> =>
  query(`update idempotency_key set period = period - ${periods}`);
const countKeys = async (): Promise<number> => {
  const [row] = await query<{ keys: string }>('select count(*) as keys from idempotency_key');
  return Number(row?.keys);
};

describe('an idempotency key', () => {
  beforeEach(() => query('delete from idempotency_key'));

  it('is known in its own period of 30 days and in the next', async () => {
    const first = await sendUnder('known');
    const again = await sendUnder('known');
    await passPeriods(1);

    expect([again.id, (await sendUnder('known')).id]).toEqual([first.id, first.id]);
  });

  it('is a new one after that, for any request', async () => {
    const first = await sendUnder('expired');
    await passPeriods(2);

    const second = await sendUnder('expired', 'something else');

    expect(second.id).not.toBe(first.id);
    expect([(await sendUnder('expired', 'something else')).id, await countKeys()]).toEqual([second.id, 1]);
  });

  it('is used once when several requests come at once after it expired', async () => {
    const first = await sendUnder('race');
    await passPeriods(2);

    const sent = await Promise.all(Array.from({ length: 8 }, () => sendUnder('race')));

    const ids = new Set(sent.map(({ id }) => id));
    expect([ids.size, ids.has(first.id), await countKeys()]).toEqual([1, false, 1]);
  });

  it('goes when others are used: each request removes at most 100 that have expired', async () => {
    await query(`
      insert into idempotency_key (agent, key, sealed, period)
      select '\\x00', int4send(n), '\\x00', n % 2 from generate_series(1, 250) n`);
    await sendUnder('stays');
    const left: number[] = [await countKeys()];
    for (const key of ['second', 'third']) {
      await sendUnder(key);
      left.push(await countKeys());
    }

    expect(left).toEqual([151, 52, 3]);
  });

  it(`takes at most ${MAX_ROW_BYTES} bytes, whatever the key and the message`, async () => {
    await sendUnder('k'.repeat(255), 'x'.repeat(65_536));
    await sendUnder('k', 'x');

    const rows = await query<{ bytes: number }>('select pg_column_size(k.*) as bytes from idempotency_key k');

    expect(rows).toHaveLength(2);
    expect(Math.max(...rows.map(({ bytes }) => bytes))).toBeLessThanOrEqual(MAX_ROW_BYTES);
  });
});
