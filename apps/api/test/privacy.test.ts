import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fromBase64Url } from '@musubi/crypto';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { type Agent, Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

const CANARY = 'the canary sings at a quarter past nine';
const PASSPHRASE = 'an unlikely passphrase 4711';

type Row = Readonly<Record<string, unknown>>;

let service: TestService;
let alice: Agent;
let bob: Agent;

/** Every way in which a text could stand in a byte column or a log. */
function spellings(text: string): readonly Buffer[] {
  const bytes = Buffer.from(text);
  const encodings = (['base64', 'base64url', 'hex'] as const).map((name) =>
    Buffer.from(bytes.toString(name)),
  );
  return [bytes, ...encodings];
}

async function tables(): Promise<ReadonlyMap<string, readonly Row[]>> {
  const { dataSource } = service.database;
  const all = new Map<string, readonly Row[]>();
  for (const { tableName } of dataSource.entityMetadatas) {
    all.set(tableName, await dataSource.query<Row[]>(`select * from "${tableName}"`));
  }
  return all;
}

function contains(row: Row, needles: readonly Buffer[]): boolean {
  return Object.values(row).some((value) => {
    const bytes = value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value));
    return needles.some((needle) => bytes.includes(needle));
  });
}

async function tablesWith(needles: readonly Buffer[]): Promise<readonly string[]> {
  return [...(await tables())].flatMap(([name, rows]) =>
    rows.some((row) => contains(row, needles)) ? [name] : [],
  );
}

beforeAll(async () => {
  service = await openService();
  const client = new Client(service.url);
  alice = await client.newAgent('alice');
  bob = await client.newAgent('bob', PASSPHRASE);
  for (const strategy of STRATEGY_NAMES) {
    const headers = { 'idempotency-key': `canary-${strategy}` };
    const { id } = await client.deliver(strategy, alice, bob, { text: CANARY, headers });
    const body = { status: 'read', messages: [id] };
    await client.get('receipts', `/v1/strategies/${strategy}/receipts`, { token: bob.token, body });
    await client.get('messages', `/v1/strategies/${strategy}/messages`, { token: bob.token });
  }
  await service.untilCarried();
});

afterAll(() => service.close());

describe('what is stored', () => {
  it('is something: the search would find it', async () => {
    expect(await tablesWith([Buffer.from(fromBase64Url(alice.agent))])).toContain('action');
  });

  it('holds no text of any message, on any placement', async () => {
    expect(await tablesWith(spellings(CANARY))).toEqual([]);
  });

  it('holds no token and no passphrase', async () => {
    const secrets = [alice.token, bob.token, PASSPHRASE];
    const raw = [alice.token, bob.token].map((token) => Buffer.from(fromBase64Url(token)));

    expect(await tablesWith([...secrets.flatMap(spellings), ...raw])).toEqual([]);
  });

  it('holds no agent key in the base, target, tag or author of any mailbox link', async () => {
    const keys = [alice, bob].map(({ agent }) => Buffer.from(fromBase64Url(agent)));
    const links = (await tables()).get('dht_link') ?? [];

    expect(links.length).toBeGreaterThanOrEqual(4);
    expect(links.filter((link) => contains(link, keys))).toEqual([]);
  });

  it('has letters of one size for messages and receipts', async () => {
    const letters = (await tables()).get('dht_entry') ?? [];

    expect(new Set(letters.map(({ body }) => (body as Uint8Array).length)).size).toBe(1);
  });

  it('has no clock beside a sealed record, but in the outbox, whose rows are gone', async () => {
    const all = await tables();
    const withClock = [...all].filter(([, rows]) => rows.some((row) => 'at' in row || 'due_at' in row));

    expect(withClock.map(([name]) => name)).toEqual(['action']);
    expect(all.get('outbox')).toEqual([]);
  });

  it('shows no time on the actions of the global placement but that of a day', async () => {
    const actions = (await tables()).get('action') ?? [];
    const letters = actions.filter(({ entry_type: type }) => type === 'letter');

    expect(letters.length).toBeGreaterThanOrEqual(4);
    expect(letters.filter(({ at }) => Number(at) % 86_400_000_000 !== 0)).toEqual([]);
  });
});

describe('the log', () => {
  it('holds no text, token or passphrase, at its most talkative', () => {
    const log = service.log();
    const secrets = [CANARY, PASSPHRASE, alice.token, bob.token].flatMap(spellings).map(String);

    expect(log).toContain('/v1/strategies/global-dht/messages');
    expect(secrets.filter((secret) => log.includes(secret))).toEqual([]);
  });
});
