import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { until } from '../../../test/support/until.js';
import { type Agent, Client, type MessageJson } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

type Start = Awaited<ReturnType<typeof started>>;

const PEERS = 3;
const MESSAGES = 8;
/** Six bytes of JSON for each of its characters. */
const LARGEST = '\u0001'.repeat(65_536);
/** A page's payloads on one placement, and what stands around two of them and on the others. */
const MAX_ANSWER_BYTES = 1_048_576 + 16_384;

let service: TestService;
let client: Client;

beforeAll(async () => {
  service = await openService({ AGENTS_PER_DAY: '1000', FIRST_CONTACTS_PER_DAY: '1000' });
  client = new Client(service.url);
});

afterAll(() => service.close());

function started({ token }: Agent) {
  return client.get('start', '/v1/start', { token });
}

async function changesSince(cursor: string, { token }: Agent): Promise<readonly MessageJson[]> {
  const messages: MessageJson[] = [];
  for (let since = cursor; ;) {
    const { items, next } = await client.get('changes', `/v1/changes?since=${since}`, { token });
    messages.push(...items.flatMap((item) => (item.type === 'message' ? [item.message] : [])));
    if (items.length === 0) return messages;
    since = next;
  }
}

async function newPeers(count: number): Promise<readonly Agent[]> {
  const peers: Agent[] = [];
  while (peers.length < count) peers.push(await client.newAgent('peer'));
  return peers;
}

/** The last message with each peer on each placement, and how many are unread. */
function shownBy(conversations: Start['conversations'], holder: Agent): Map<string, Shown> {
  const all = STRATEGY_NAMES.flatMap((strategy) => conversations[strategy]?.items ?? []);
  return new Map(all.map(({ last, unread }) => [nameOf(last, holder), { last, unread }]));
}

interface Shown {
  readonly last: MessageJson;
  readonly unread: number;
}

function nameOf({ strategy, author, recipient }: MessageJson, { agent }: Agent): string {
  return `${strategy} ${author === agent ? recipient : author}`;
}

function isLater(one: MessageJson, other: MessageJson): boolean {
  return one.sentAt > other.sentAt || (one.sentAt === other.sentAt && one.id > other.id);
}

/** What a client shows that has started there and followed the changes. */
function followed(start: Start, changes: readonly MessageJson[], holder: Agent): Map<string, Shown> {
  const shown = shownBy(start.conversations, holder);
  // One that changed while they were read comes twice.
  for (const message of new Map(changes.map((change) => [change.id, change])).values()) {
    const name = nameOf(message, holder);
    const { last, unread } = shown.get(name) ?? { last: message, unread: 0 };
    const isNewer = message.id === last.id || isLater(message, last);
    shown.set(name, { last: isNewer ? message : last, unread: unread + (message.unread ? 1 : 0) });
  }
  return shown;
}

describe('the call for a start', () => {
  it('shows the agent, its settings, contacts and conversations, and where changes go on', async () => {
    const [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob')];
    const { token } = bob;
    await client.request('/v1/settings', { method: 'PUT', token, body: { readReceipts: false } });
    for (const body of [{}, { petname: 'sister' }])
      await client.request(`/v1/contacts/${alice.agent}`, { method: 'PUT', token, body });
    for (const strategy of STRATEGY_NAMES) await client.deliver(strategy, alice, bob, { text: strategy });

    const answer = await (await client.request('/v1/start?limit=5', { token })).json();

    const { agent } = alice;
    const page = (text: string): object => ({
      items: [{ peer: agent, petname: 'sister', unread: 1, last: { payload: { text }, unread: true } }],
      next: null,
    });
    expect(answer).toMatchObject({
      agent: { agent: bob.agent, nickname: 'bob' },
      settings: { whoMayWrite: 'everybody', readReceipts: false },
      contacts: { items: [{ agent, petname: 'sister' }], next: null },
      conversations: Object.fromEntries(STRATEGY_NAMES.map((strategy) => [strategy, page(strategy)])),
      exact: true,
    });
    expect(await changesSince((answer as Start).changes, bob)).toEqual([]);
  });

  it('misses nothing and counts nothing twice, while messages of several peers arrive', async () => {
    const bob = await client.newAgent('bob');
    const peers = await newPeers(PEERS);
    const sent: Promise<unknown>[] = peers.map(async (peer) => {
      for (let count = 0; count < MESSAGES; count += 1)
        for (const strategy of STRATEGY_NAMES) await client.send(strategy, peer, bob);
    });
    const ended = new AbortController();
    const sending = Promise.all(sent).finally(() => {
      ended.abort();
    });
    const starts: Start[] = [await started(bob)];
    while (!ended.signal.aborted) starts.push(await started(bob));
    await sending;
    const whole = await until(async () => {
      const now = await started(bob);
      const shown = shownBy(now.conversations, bob);
      expect([...shown.values()].map(({ unread }) => unread)).toEqual(
        Array(PEERS * STRATEGY_NAMES.length).fill(MESSAGES),
      );
      return shown;
    });

    for (const start of starts) {
      const shown = followed(start, await changesSince(start.changes, bob), bob);
      for (const [name, { last, unread }] of whole) {
        expect(shown.get(name)?.last).toEqual(last);
        if (start.exact) expect(shown.get(name)?.unread).toBe(unread);
        else expect(shown.get(name)?.unread).toBeGreaterThanOrEqual(unread);
      }
    }
  });

  it('is bounded in bytes, and leads on to the rest', async () => {
    const bob = await client.newAgent('bob');
    const peers = await newPeers(4);
    for (const peer of peers) await client.deliver('source-chain', peer, bob, { text: LARGEST });

    const response = await client.request('/v1/start', { token: bob.token });
    const text = await response.text();

    expect(text.length).toBeLessThan(MAX_ANSWER_BYTES);
    const page = (JSON.parse(text) as Start).conversations['source-chain'];
    const path = `/v1/strategies/source-chain/conversations?before=${page?.next ?? ''}`;
    const rest = await client.get('conversations', path, { token: bob.token });
    const shown = [...(page?.items ?? []), ...rest.items].map(({ peer }) => peer);
    expect(shown.sort()).toEqual(peers.map(({ agent }) => agent).sort());
  });

  it.each(['limit=0', 'limit=201', 'limit=x', 'since=latest'])('is refused with ?%s', async (query) => {
    const { token } = await client.newAgent('bob');

    expect((await client.request(`/v1/start?${query}`, { token })).status).toBe(422);
    expect((await client.request('/v1/start')).status).toBe(401);
  });
});
