import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { type Agent, Client } from './support/client.js';
import { FileClient } from './support/file-client.js';
import { type TestService, openService } from './support/open-service.js';

let service: TestService;
let client: Client;
let files: FileClient;

beforeAll(async () => {
  service = await openService({ AGENTS_PER_DAY: '1000', FIRST_CONTACTS_PER_DAY: '1000' });
  client = new Client(service.url);
  files = new FileClient(client);
});

afterAll(() => service.close());

async function search(
  strategy: string,
  { token }: Agent,
  query: Readonly<Record<string, string>>,
): Promise<Response> {
  return client.request(`/v1/strategies/${strategy}/search?${new URLSearchParams(query).toString()}`, {
    token,
  });
}

interface Found {
  readonly items: readonly { readonly id: string; readonly payload: { readonly text: string } }[];
  readonly next: string | null;
  readonly searched: number;
}

async function found(
  strategy: string,
  agent: Agent,
  query: Readonly<Record<string, string>>,
): Promise<Found> {
  const answer = await search(strategy, agent, query);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Found;
}

async function texts(strategy: string, agent: Agent, text: string): Promise<readonly string[]> {
  return (await found(strategy, agent, { text })).items.map(({ payload }) => payload.text);
}

describe.each(STRATEGY_NAMES)('a search on %s', (strategy) => {
  it('finds what was sent and what was received, latest first, and what the peer holds', async () => {
    const [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob')];
    const asked = await client.deliver(strategy, alice, bob, { text: 'Where is the blue Umbrella?' });
    await client.deliver(strategy, alice, bob, { text: 'It rains.' });
    const told = await client.deliver(strategy, bob, alice, {
      text: 'Your umbrella is by the door, the blue one.',
    });

    for (const agent of [alice, bob]) {
      const { items, next, searched } = await found(strategy, agent, { text: ' blue  UMBRELLA' });
      expect(items.map(({ id }) => id)).toEqual([told.id, asked.id]);
      expect([next, searched]).toEqual([null, 3]);
    }
    expect(await texts(strategy, alice, 'rain blue')).toEqual([]);
  });

  it('leaves out what was deleted, and what was exchanged with others', async () => {
    const [alice, bob, carol] = [
      await client.newAgent('alice'),
      await client.newAgent('bob'),
      await client.newAgent('carol'),
    ];
    const kept = await client.deliver(strategy, alice, bob, { text: 'tea at noon' });
    const gone = await client.deliver(strategy, alice, bob, { text: 'tea at one' });
    await client.deliver(strategy, alice, carol, { text: 'tea at two' });
    const path = `/v1/strategies/${strategy}/messages/${gone.id}`;
    await client.request(path, { method: 'DELETE', token: alice.token });

    const { items } = await found(strategy, alice, { text: 'tea', with: bob.agent });
    expect(items.map(({ id }) => id)).toEqual([kept.id]);
    expect(await texts(strategy, bob, 'tea')).toEqual(['tea at one', 'tea at noon']);
    expect(await texts(strategy, carol, 'noon')).toEqual([]);
  });

  it('finds messages by their type, with words or without', async () => {
    const [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob')];
    const send = async (name: string, mediaType: string): Promise<string> => {
      const file = await files.upload(alice, new Uint8Array([1]), { name, mediaType });
      return (await files.deliver({ strategy, from: alice, to: bob }, { type: 'file', file })).id;
    };
    const text = (await client.deliver(strategy, alice, bob, { text: 'the door' })).id;
    const paper = await send('door.pdf', 'application/pdf');
    const picture = await send('door.png', 'Image/PNG');
    const film = await send('walk.mp4', 'video/mp4');

    for (const agent of [alice, bob]) {
      const ids = async (query: Readonly<Record<string, string>>): Promise<readonly string[]> =>
        (await found(strategy, agent, query)).items.map(({ id }) => id);
      expect(await ids({ type: 'text' })).toEqual([text]);
      expect(await ids({ type: 'file' })).toEqual([film, picture, paper]);
      expect(await ids({ type: 'media' })).toEqual([film, picture]);
      expect(await ids({ type: 'media', text: 'door' })).toEqual([picture]);
    }
  });
});

describe('a search', () => {
  it.each([
    ['STRASSE', 'Die Straße'],
    ['straße', 'DIE STRASSE'],
    ['ΟΔΟΣ', 'η οδος'],
    ['cafe\u0301', 'Caf\u00e9'],
    ['ｔｅａ', 'tea'],
    ['茶', 'お茶をどうぞ'],
    ['100%_', 'it is 100%_sure'],
    ["o'clock", "five o'clock"],
    ['👩‍👧', 'my 👩‍👧 here'],
  ])('for %p finds %p', async (words, text) => {
    const alice = await client.newAgent('alice');
    await client.send('source-chain', alice, alice, { text });
    await client.send('source-chain', alice, alice, { text: 'something else' });

    expect(await texts('source-chain', alice, words)).toEqual([text]);
  });

  it('ends with the block in which there are enough, and goes on from there', async () => {
    const alice = await client.newAgent('alice');
    const all: string[] = [];
    for (let count = 0; count < 230; count += 1) all.push(`note ${count}`);
    for (const text of all) await client.send('source-chain', alice, alice, { text });

    const first = await found('source-chain', alice, { text: 'note' });
    const second = await found('source-chain', alice, { text: 'note', before: first.next ?? '' });
    expect([first.searched, second.searched, second.next]).toEqual([200, 30, null]);
    const both = [...first.items, ...second.items].map(({ payload }) => payload.text);
    expect(both).toEqual(all.toReversed());
  });

  it.each([
    ['neither a text nor a type', {}],
    ['an unknown type', { type: 'song' }],
    ['an empty text', { text: '' }],
    ['white space', { text: ' \t\n' }],
    ['a control character', { text: 'tea\u0007' }],
    ['nine words', { text: 'a b c d e f g h i' }],
    ['201 characters', { text: 'x'.repeat(201) }],
    ['a peer that is no agent', { text: 'tea', with: 'bob' }],
    ['what it does not know', { text: 'tea', limit: '10' }],
  ])('is refused for %s', async (_what, query) => {
    const alice = await client.newAgent('alice');

    const answer = await search('source-chain', alice, query);
    expect([answer.status, await answer.json()]).toEqual([
      422,
      expect.objectContaining({ type: 'urn:musubi:problem:invalid' }),
    ]);
  });

  it('is refused for a cursor of somebody else, and without a token', async () => {
    const [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob')];
    for (let count = 0; count < 2; count += 1) await client.send('source-chain', alice, alice);
    const page = await client.get('messages', '/v1/strategies/source-chain/messages?limit=1', {
      token: alice.token,
    });

    const stranger = await search('source-chain', bob, { text: 'tea', before: page.next ?? '' });
    expect([stranger.status, await stranger.json()]).toEqual([
      422,
      expect.objectContaining({ type: 'urn:musubi:problem:invalid-cursor' }),
    ]);
    const nobody = await client.request('/v1/strategies/source-chain/search?text=tea');
    expect(nobody.status).toBe(401);
  });
});
