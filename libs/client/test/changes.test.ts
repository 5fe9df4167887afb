import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Change, type Changes, type Connection, type Message, MusubiClient } from '@musubi/client';
import { instantWaiting } from './support/instant.js';
import {
  type Reply,
  type ScriptedServer,
  cut,
  json,
  problem,
  scriptedServer,
  stream,
} from './support/scripted-server.js';

const docs = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'verifying.md'), 'utf8');
const message = JSON.parse(/```json\n([^`]*)```/.exec(docs)?.[1] ?? '') as Message;

const page = (next: string, ...ids: readonly string[]): Reply =>
  json(200, {
    items: ids.map((id) => ({ type: 'deleted', strategy: 'source-chain', id })),
    next,
    prev: null,
  });
const deleted = (cursor: string, id: string): string =>
  `event: deleted\nid: ${cursor}\ndata: {"strategy":"source-chain","id":"${id}"}\n\n`;
const heartbeat = (cursor: string): string => `event: heartbeat\nid: ${cursor}\ndata: \n\n`;

let server: ScriptedServer;
let connections: Connection[];
let waiting: ReturnType<typeof instantWaiting>;

afterEach(() => server.close());

async function changesOf(...replies: readonly Reply[]): Promise<Changes> {
  server = await scriptedServer(...replies);
  connections = [];
  waiting = instantWaiting();
  const client = new MusubiClient({ url: server.url, token: 'a-token', waiting });
  return client.changes({ onConnection: (connection) => connections.push(connection) });
}

/** As many changes as that, by their ids. */
async function take(count: number, changes: AsyncIterable<Change>): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const change of changes) {
    ids.push(change.type === 'deleted' ? change.id : `${change.type} ${change.message.id}`);
    if (ids.length === count) break;
  }
  return ids;
}

const asked = (): readonly string[] =>
  server.received.map(({ path, headers }) => {
    const { pathname, searchParams } = new URL(path, server.url);
    return `${pathname.slice('/v1/'.length)} ${String(headers['last-event-id'] ?? searchParams.get('since'))}`;
  });

describe('changes', () => {
  it('tell beside who is typing', async () => {
    const word = { strategy: 'pairwise-dht', from: 'a peer', typing: true, seconds: 6 };
    const typing = `event: typing\nid: c0\ndata: ${JSON.stringify(word)}\n\n`;
    server = await scriptedServer(page('c0'), stream(typing + deleted('c1', 'one'), { ends: false }));
    const client = new MusubiClient({ url: server.url, token: 'a-token', waiting: instantWaiting() });
    const told: unknown[] = [];
    const changes = client.changes({ since: 'c0', onTyping: (one) => told.push(one) });

    expect(await take(1, changes)).toEqual(['one']);
    expect(told).toEqual([word]);
  });

  it('begin now, and go on after each loss where they were', async () => {
    const changes = await changesOf(
      page('c0'),
      page('c0'),
      stream(heartbeat('c0') + deleted('c1', 'one') + deleted('c2', 'two'), { ends: true }),
      cut,
      page('c4', 'three', 'four'),
      page('c4'),
      stream(heartbeat('c4') + deleted('c5', 'five'), { ends: false }),
    );

    expect(await take(5, changes)).toEqual(['one', 'two', 'three', 'four', 'five']);
    expect(asked()).toEqual([
      'changes latest',
      'changes c0',
      'signals c0',
      'changes c2',
      'changes c2',
      'changes c4',
      'signals c4',
    ]);
  });

  it('say once what the service says twice', async () => {
    const twice = deleted('c1', 'one') + deleted('c2', 'one');
    const changes = await changesOf(
      page('c0'),
      page('c1', 'one'),
      page('c1'),
      stream(twice + deleted('c3', 'two'), { ends: false }),
    );

    expect(await take(2, changes)).toEqual(['one', 'two']);
  });

  it('leave out half an event, which comes whole later', async () => {
    const whole = deleted('c1', 'one');
    const changes = await changesOf(
      page('c0'),
      page('c0'),
      stream(heartbeat('c0') + whole.slice(0, -5), { ends: true }),
      page('c1', 'one'),
      page('c1'),
      stream(deleted('c2', 'two'), { ends: false }),
    );

    expect(await take(2, changes)).toEqual(['one', 'two']);
  });

  it('tell when the service is away, and when it is back', async () => {
    const changes = await changesOf(
      page('c0'),
      page('c0'),
      stream(heartbeat('c0'), { ends: true }),
      problem(503, 'unavailable', true, '9'),
      page('c0'),
      stream(heartbeat('c0') + deleted('c1', 'one'), { ends: false }),
    );

    await take(1, changes);

    expect(connections.map(({ state }) => state)).toEqual(['live', 'away', 'away', 'live']);
    expect(waiting.waited.at(-1)).toBe(9000);
  });

  it('end with the first refusal that no waiting mends', async () => {
    const changes = await changesOf(page('c0'), problem(422, 'invalid-cursor', false));

    await expect(take(1, changes)).rejects.toMatchObject({ code: 'invalid-cursor' });
    expect(server.received).toHaveLength(2);
  });

  it('end with the reason of a close, also while they wait', async () => {
    const changes = await changesOf(page('c0'), page('c0'), stream(heartbeat('c0'), { ends: false }));
    const reason = new Error('enough');

    const taken = take(1, changes);
    await changes.ready;
    changes.close(reason);

    await expect(taken).rejects.toBe(reason);
  });

  it('end with the reason of a close, also where `fetch` has forgotten its signal', async () => {
    server = await scriptedServer(page('c0'), page('c0'), stream(heartbeat('c0'), { ends: false }));
    const client = new MusubiClient({
      url: server.url,
      token: 'a-token',
      fetch: (request) => fetch(request),
    });
    const reason = new Error('enough');
    const changes: Changes = client.changes({
      onConnection: () => {
        changes.close(reason);
      },
    });

    await expect(take(1, changes)).rejects.toBe(reason);
    await expect(server.close()).resolves.toBeUndefined();
  });

  it('go on while the service comes and goes too fast to sign in', async () => {
    const [offline, signedIn] = [problem(409, 'agent-offline', true), json(201, { token: 'a-token' })];
    server = await scriptedServer(
      ...[signedIn, page('c0'), offline, cut, offline, problem(503, 'unavailable', true), offline, signedIn],
      ...[page('c1', 'one'), page('c1'), stream(heartbeat('c1'), { ends: false })],
    );
    const client = new MusubiClient({ url: server.url, waiting: instantWaiting() });
    await client.signIn({ agent: 'A'.repeat(43), passphrase: 'correct horse', keep: true });

    expect(await take(1, client.changes())).toEqual(['one']);
  });

  it('keep a cursor that is behind the change which a loop was left with', async () => {
    const changes = await changesOf(
      page('c0'),
      page('c0'),
      stream(deleted('c1', 'one') + deleted('c2', 'two'), { ends: false }),
    );

    await take(2, changes);

    expect(changes.cursor).toBe('c1');
  });

  it('show a message that is not proven as one that is not', async () => {
    const forged = { ...message, payload: { type: 'text', text: 'forged' } };
    const event = (shown: object, cursor: string): string =>
      `event: message\nid: ${cursor}\ndata: ${JSON.stringify(shown)}\n\n`;
    const changes = await changesOf(
      page('c0'),
      page('c0'),
      stream(event(message, 'c1') + event(forged, 'c2'), { ends: false }),
    );

    expect(await take(2, changes)).toEqual([`message ${message.id}`, `unverified ${message.id}`]);
  });
});

describe('changes by polling', () => {
  it('come from pages alone', async () => {
    server = await scriptedServer(page('c0'), page('c0'), page('c1', 'one'), cut, page('c2', 'two'));
    const client = new MusubiClient({ url: server.url, token: 'a-token', waiting: instantWaiting() });

    expect(await take(2, client.changes({ via: 'poll' }))).toEqual(['one', 'two']);
    expect(asked().every((call) => call.startsWith('changes'))).toBe(true);
  });
});
