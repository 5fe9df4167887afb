import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { type Agent, Client, type MessageJson } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

const PATIENTLY = { headers: { prefer: 'wait=30' } } as const;
const REASON = 'remote-call-refused/recipient-refuses';
const MANY = 1000;
const AT_FIRST = { whoMayWrite: 'everybody', readReceipts: true };

let service: TestService;
let client: Client;
let alice: Agent;
let bob: Agent;

beforeAll(async () => {
  service = await openService({ AGENTS_PER_DAY: '1000', FIRST_CONTACTS_PER_DAY: '1000' });
  client = new Client(service.url);
  [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob')];
});

afterAll(() => service.close());

async function call(
  method: string,
  path: string,
  { token }: Agent,
  body?: object,
): Promise<readonly [status: number, answer: Record<string, unknown>]> {
  const answer = await client.request(path, { method, token, ...(body === undefined ? {} : { body }) });
  const text = await answer.text();
  return [answer.status, text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)];
}

async function problem(method: string, path: string, agent: Agent, body?: object): Promise<unknown> {
  const [status, { type }] = await call(method, path, agent, body);
  return [status, type];
}

const problemType = (code: string): string => `urn:musubi:problem:${code}`;

/** Any key, as an agent of a node that this one does not know has it. */
function keyNumber(index: number): string {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32BE(index, 0);
  return bytes.toString('base64url');
}

describe('settings', () => {
  it('let everybody write at first, and are what was put last', async () => {
    expect(await call('GET', '/v1/settings', alice)).toEqual([200, AT_FIRST]);
    for (const whoMayWrite of ['nobody', 'contacts', 'contacts', 'everybody']) {
      expect(await call('PUT', '/v1/settings', alice, { whoMayWrite })).toEqual([
        200,
        { ...AT_FIRST, whoMayWrite },
      ]);
      expect(await call('GET', '/v1/settings', alice)).toEqual([200, { ...AT_FIRST, whoMayWrite }]);
    }
  });

  it('are refused when they are wrong, and nothing is written', async () => {
    const before = await service.rows();

    for (const body of [
      {},
      { whoMayWrite: 'friends' },
      { whoMayWrite: null },
      { readReceipts: 'no' },
      { whoMayWrite: 'nobody', readReceipts: null },
      { whoMayWrite: 'nobody', more: 1 },
    ])
      expect(await problem('PUT', '/v1/settings', bob, body)).toEqual([422, problemType('invalid')]);
    expect(await service.rows()).toBe(before);
    expect(await call('GET', '/v1/settings', bob)).toEqual([200, AT_FIRST]);
  });
});

describe('blocks', () => {
  it('are put, found and deleted, any number of times', async () => {
    const path = `/v1/blocks/${bob.agent}`;
    const { agent } = bob;

    expect(await problem('GET', path, alice)).toEqual([404, problemType('block-not-found')]);
    expect(await call('PUT', path, alice)).toEqual([200, { agent }]);
    expect(await call('PUT', path, alice)).toEqual([200, { agent }]);
    expect(await call('GET', path, alice)).toEqual([200, { agent }]);
    expect(await call('GET', '/v1/blocks', alice)).toEqual([
      200,
      { items: [{ agent }], next: null, prev: null },
    ]);
    expect(await call('GET', '/v1/blocks', bob)).toEqual([200, { items: [], next: null, prev: null }]);
    expect(await call('DELETE', path, alice)).toEqual([204, {}]);
    expect(await problem('DELETE', path, alice)).toEqual([404, problemType('block-not-found')]);
  });

  it('are refused of oneself and of what is no key, and nothing is written', async () => {
    const before = await service.rows();

    expect(await problem('PUT', `/v1/blocks/${alice.agent}`, alice)).toEqual([422, problemType('invalid')]);
    expect(await problem('PUT', '/v1/blocks/nobody', alice)).toEqual([422, problemType('invalid')]);
    expect(await problem('GET', '/v1/blocks?after=x', alice)).toEqual([422, problemType('invalid-cursor')]);
    expect(await service.rows()).toBe(before);
  });

  it('may be a thousand, of agents that nobody knows here, and are listed page by page', async () => {
    const holder = await client.newAgent('holder');
    const agents = Array.from({ length: MANY }, (_, index) => keyNumber(index));
    for (let at = 0; at < MANY; at += 50) {
      const some = agents.slice(at, at + 50).map((agent) => call('PUT', `/v1/blocks/${agent}`, holder));
      for (const [status] of await Promise.all(some)) expect(status).toBe(200);
    }
    const listed: string[] = [];
    for (let query: string | null = '?limit=200'; query !== null;) {
      const [, page] = await call('GET', `/v1/blocks${query}`, holder);
      const { items, next } = page as { items: { agent: string }[]; next: string | null };
      listed.push(...items.map(({ agent }) => agent));
      query = next === null ? null : `?limit=200&after=${next}`;
    }

    expect(listed.sort()).toEqual(agents.sort());
    expect(await client.send('source-chain', alice, holder, PATIENTLY)).toMatchObject({
      status: 'delivered',
    });
  });
});

describe('a contact of this node', () => {
  it('needs no card, and is found, listed and forgotten as others are', async () => {
    const path = `/v1/contacts/${bob.agent}`;
    const { agent } = bob;

    expect(await call('PUT', path, alice, {})).toMatchObject([200, { agent, node: null, addresses: [] }]);
    expect(await call('GET', path, alice)).toMatchObject([200, { agent, node: null, addresses: [] }]);
    expect(await call('GET', '/v1/contacts', alice)).toMatchObject([
      200,
      { items: [{ agent }], next: null, prev: null },
    ]);
    expect(await call('DELETE', path, alice)).toEqual([204, {}]);
    expect(await problem('GET', path, alice)).toEqual([404, problemType('contact-not-found')]);
  });

  it('is neither oneself nor an agent that is not here', async () => {
    for (const agent of [alice.agent, keyNumber(1)])
      expect(await problem('PUT', `/v1/contacts/${agent}`, alice, {})).toEqual([422, problemType('invalid')]);
  });
});

describe.each(STRATEGY_NAMES)('on %s, an author that may not write', (strategy) => {
  const isCalled = strategy !== 'global-dht';
  let reader: Agent;
  let writer: Agent;

  beforeAll(async () => {
    [reader, writer] = [await client.newAgent('reader'), await client.newAgent('writer')];
  });

  const again = async ({ id }: MessageJson): Promise<string> => {
    const path = `/v1/strategies/${strategy}/messages/${id}/retry`;
    const { token } = writer;
    return (await client.get('message', path, { token, method: 'POST', status: 200, ...PATIENTLY })).status;
  };

  const heldBy = async ({ token }: Agent): Promise<readonly string[]> => {
    const { items } = await client.get('messages', `/v1/strategies/${strategy}/messages`, { token });
    return items.map(({ id }) => id);
  };

  it('sees the same for a block and for a setting, and writes to nobody', async () => {
    const shown: unknown[] = [];
    const ways = [
      ['PUT', `/v1/blocks/${writer.agent}`, undefined],
      ['PUT', '/v1/settings', { whoMayWrite: 'contacts' }],
      ['PUT', '/v1/settings', { whoMayWrite: 'nobody' }],
    ] as const;
    for (const [method, path, body] of ways) {
      await call(method, path, reader, body);
      const { status, delivery } = await client.send(strategy, writer, reader, {
        headers: { prefer: isCalled ? 'wait=30' : 'wait=1' },
      });
      shown.push({ status, lastError: delivery?.lastError, attempt: delivery?.attempt });
      if (body === undefined) await call('DELETE', path, reader);
    }

    const refused = { status: 'failed', lastError: REASON, attempt: 1 };
    const dropped = { status: 'saved', lastError: null, attempt: 0 };
    expect(shown).toEqual(Array<unknown>(3).fill(isCalled ? refused : dropped));
    expect(await heldBy(reader)).toEqual([]);
    expect(await heldBy(writer)).toHaveLength(3);
  });

  it('is read and answered again as a contact, and what was refused comes when it tries again', async () => {
    await call('PUT', '/v1/settings', reader, { whoMayWrite: 'contacts' });
    await call('PUT', `/v1/contacts/${writer.agent}`, reader, {});
    const sent = await client.send(strategy, writer, reader, PATIENTLY);
    expect(sent.status).toBe('delivered');
    await call('PUT', '/v1/settings', reader, { whoMayWrite: 'everybody' });
    const { items } = await client.get('messages', `/v1/strategies/${strategy}/messages`, writer);

    for (const message of items) expect(await again(message)).toBe('delivered');
    expect([...(await heldBy(reader))].sort()).toEqual([...(await heldBy(writer))].sort());
  });

  it('keeps its history, gets receipts of it, and is written to', async () => {
    const sent = await client.send(strategy, writer, reader, PATIENTLY);
    await call('PUT', `/v1/blocks/${writer.agent}`, reader);
    const read = { status: 'read', messages: [sent.id] };
    await client.get('receipts', `/v1/strategies/${strategy}/receipts`, { token: reader.token, body: read });
    const answer = await client.send(strategy, reader, writer, PATIENTLY);

    expect(answer.status).toBe('delivered');
    await service.untilCarried();
    const path = `/v1/strategies/${strategy}/messages/${sent.id}`;
    for (const { token } of [reader, writer])
      expect(await client.get('message', path, { token })).toMatchObject({ status: 'read' });
  });
});
