import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../../../test/support/until.js';
import { type Agent, Client } from './support/client.js';
import { type StreamedEvent, openEventStream } from './support/event-stream.js';
import { type TestService, openService } from './support/open-service.js';

let service: TestService;
let client: Client;
let alice: Agent;
let bob: Agent;

beforeAll(async () => {
  service = await openService();
  client = new Client(service.url);
});

beforeEach(async () => {
  [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob')];
});

afterAll(() => service.close());

/** The texts of bob's changes after a cursor, and the next one. */
async function changesOf({ token }: Agent, query = ''): Promise<{ lines: readonly string[]; next: string }> {
  const { items, next } = await client.get('changes', `/v1/changes?${query}`, { token });
  const lines = items.map((item) =>
    item.type === 'deleted' ? 'deleted' : `${item.message.payload.text} ${item.message.status}`,
  );
  return { lines, next };
}

describe('a stream', () => {
  it('has cursors of changes as ids, and begins after the last that its client saw', async () => {
    const { next } = await changesOf(bob);
    const first = await client.deliver('source-chain', alice, bob, { text: 'first' });
    await client.deliver('global-dht', alice, bob, { text: 'second' });
    const path = `/v1/strategies/source-chain/messages/${first.id}`;
    await client.request(path, { token: bob.token, method: 'DELETE' });

    const events: StreamedEvent[] = [];
    const onEvent = (event: StreamedEvent): void => void events.push(event);
    const stream = await openEventStream(service.url, { token: bob.token, lastEventId: next, onEvent });
    await client.send('pairwise-dht', alice, bob, { text: 'third' });

    await until(() => {
      expect(events.filter(({ type }) => type !== 'heartbeat')).toMatchObject([
        { type: 'message', data: { payload: { text: 'second' } } },
        { type: 'deleted', data: { strategy: 'source-chain', id: first.id } },
        { type: 'message', data: { payload: { text: 'third' } } },
      ]);
      return Promise.resolve();
    });
    await stream.close();
    const [, middle] = events.filter(({ type }) => type !== 'heartbeat');
    expect((await changesOf(bob, `since=${middle?.id ?? ''}`)).lines).toEqual(['third delivered']);
  });

  it('has an id before anything happens', async () => {
    const events: StreamedEvent[] = [];
    const onEvent = (event: StreamedEvent): void => void events.push(event);
    const stream = await openEventStream(service.url, { token: bob.token, onEvent });
    await until(() => {
      expect(events.map(({ type }) => type)).toContain('heartbeat');
      return Promise.resolve();
    });
    await stream.close();
    await client.deliver('source-chain', alice, bob, { text: 'missed' });

    expect((await changesOf(bob, `since=${events[0]?.id ?? ''}`)).lines).toEqual(['missed delivered']);
  });

  it('begins after `since`, for a client that cannot set the header', async () => {
    const { next } = await changesOf(bob);
    await client.deliver('source-chain', alice, bob, { text: 'missed' });
    const events: StreamedEvent[] = [];
    const onEvent = (event: StreamedEvent): void => void events.push(event);
    const stream = await openEventStream(service.url, { token: bob.token, since: next, onEvent });

    await until(() => {
      expect(events.filter(({ type }) => type !== 'heartbeat')).toMatchObject([
        { type: 'message', data: { payload: { text: 'missed' } } },
      ]);
      return Promise.resolve();
    });
    await stream.close();
  });

  it('is refused with an id that is none of this agent’s, and with a query that it does not know', async () => {
    const { next } = await changesOf(alice);
    const refused = { token: bob.token, status: 422 } as const;
    await client.get('problem', '/v1/signals', { ...refused, headers: { 'last-event-id': next } });
    await client.get('problem', `/v1/signals?since=${next}`, refused);
    await client.get('problem', '/v1/signals?after=any', refused);
  });
});
