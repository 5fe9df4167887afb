import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { type Agent, Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

let service: TestService;
let client: Client;
let alice: Agent;
let bob: Agent;

beforeAll(async () => {
  service = await openService({ AGENTS_PER_DAY: '1000', FIRST_CONTACTS_PER_DAY: '1000' });
  client = new Client(service.url);
});

beforeEach(async () => {
  [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob')];
});

afterAll(() => service.close());

async function put({ agent }: Agent, holder: Agent, body: object): Promise<Record<string, unknown>> {
  const answer = await client.request(`/v1/contacts/${agent}`, { method: 'PUT', token: holder.token, body });
  return (await answer.json()) as Record<string, unknown>;
}

async function shown(path: string, { token }: Agent): Promise<unknown> {
  return (await client.request(path, { token })).json();
}

/** All rows of all tables; bytes are shown in hex. */
async function stored(): Promise<string> {
  const { dataSource } = service.database;
  const rows = dataSource.entityMetadatas.map(({ tableName }) =>
    dataSource.query<unknown[]>(`select row_to_json(one)::text as row from "${tableName}" one`),
  );
  return JSON.stringify(await Promise.all(rows));
}

describe('a petname', () => {
  it('is given, shown with contacts, changed, and taken away', async () => {
    const { agent } = alice;
    const path = `/v1/contacts/${agent}`;

    expect(await put(alice, bob, {})).toMatchObject({ agent, petname: null });
    expect(await put(alice, bob, { petname: 'my sister' })).toMatchObject({ agent, petname: 'my sister' });
    expect(await put(alice, bob, { readReceipts: false })).toMatchObject({
      petname: 'my sister',
      readReceipts: false,
    });
    expect(await put(alice, bob, { petname: 'sis 👩‍👧' })).toMatchObject({
      petname: 'sis 👩‍👧',
      readReceipts: false,
    });
    expect(await shown(path, bob)).toMatchObject({ petname: 'sis 👩‍👧' });
    expect(await shown('/v1/contacts', bob)).toMatchObject({
      items: [{ agent, petname: 'sis 👩‍👧', readReceipts: false }],
    });
    expect(await put(alice, bob, { petname: null })).toMatchObject({ agent, petname: null });
  });

  it('goes with the contact', async () => {
    await put(alice, bob, {});
    await put(alice, bob, { petname: 'my sister' });
    await client.request(`/v1/contacts/${alice.agent}`, { method: 'DELETE', token: bob.token });

    expect(await put(alice, bob, {})).toMatchObject({ petname: null });
  });

  it('is normalised as a nickname is', async () => {
    await put(alice, bob, {});
    expect(await put(alice, bob, { petname: '  My \u00a0 \uff33ister ' })).toMatchObject({
      petname: 'My Sister',
    });
  });

  it.each([
    { petname: '', kind: 'empty' },
    { petname: '   ', kind: 'blank' },
    { petname: 'a\nb', kind: 'with a line break' },
    { petname: 'a\u202eb', kind: 'that turns the text around' },
    { petname: 'a\u200bb', kind: 'with something invisible' },
    { petname: '\ud800', kind: 'of half a character' },
    { petname: 'a\0b', kind: 'with U+0000' },
    { petname: '😀'.repeat(300), kind: 'of 300 emoji' },
    { petname: 'ﷺ'.repeat(10), kind: 'that is too long when normalised' },
    { petname: 7, kind: 'that is no text' },
  ])('$petname, $kind, is refused, and nothing is written', async ({ petname }) => {
    await put(alice, bob, {});
    await put(alice, bob, { petname: 'before' });
    const before = await service.rows();

    expect(await put(alice, bob, { petname })).toMatchObject({ type: 'urn:musubi:problem:invalid' });
    expect(await service.rows()).toBe(before);
    expect(await shown(`/v1/contacts/${alice.agent}`, bob)).toMatchObject({ petname: 'before' });
  });

  it('is refused for who is no contact, and makes none', async () => {
    const nobody = { agent: Buffer.alloc(32, 7).toString('base64url'), token: '' };

    for (const agent of [alice, bob, nobody])
      expect(await put(agent, bob, { petname: 'me' })).toMatchObject({
        type: 'urn:musubi:problem:contact-not-found',
      });
    expect(await shown('/v1/contacts', bob)).toMatchObject({ items: [] });
  });

  it('is known to its giver alone: neither the contact nor the database can read it', async () => {
    const petname = 'q7-canary-of-bob';
    await put(alice, bob, {});
    await put(alice, bob, { petname });
    for (const strategy of STRATEGY_NAMES) await client.deliver(strategy, bob, alice);

    for (const path of ['/v1/contacts', '/v1/changes', `/v1/agents/${bob.agent}`, '/v1/agents?search=q7'])
      expect(JSON.stringify(await shown(path, alice))).not.toContain(petname);
    const hex = Buffer.from(petname).toString('hex');
    expect(await stored()).not.toContain(hex);
    expect(service.log()).not.toContain(petname);
  });
});

it.each(STRATEGY_NAMES)('the conversations on %s have the petname of the peer', async (strategy) => {
  await put(alice, bob, {});
  await put(alice, bob, { petname: 'my sister' });
  await client.deliver(strategy, alice, bob);
  const path = `/v1/strategies/${strategy}/conversations`;

  expect(await shown(path, bob)).toMatchObject({ items: [{ peer: alice.agent, petname: 'my sister' }] });
  expect(await shown(path, alice)).toMatchObject({ items: [{ peer: bob.agent, petname: null }] });
});
