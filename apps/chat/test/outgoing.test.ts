import { PassThrough } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { afterEach, expect, it } from '@jest/globals';
import { MusubiClient } from '@musubi/client';
import { instantWaiting } from '../../../libs/client/test/support/instant.js';
import {
  type Reply,
  type ScriptedServer,
  cut,
  json,
  scriptedServer,
} from '../../../libs/client/test/support/scripted-server.js';
import { Outgoing } from '../src/outgoing.js';
import { PlainScreen } from '../src/screen.js';

const ID = 'A'.repeat(43);
const BOB = { agent: ID, nickname: 'bob', placement: 'source-chain' } as const;

let server: ScriptedServer;

afterEach(() => server.close());

/** Takes texts, and breaks each piece of a file. */
const breaking: Reply = (response, received) => {
  if (received.method === 'PATCH') cut(response, received);
  else if (received.method === 'HEAD') response.writeHead(204, { 'upload-offset': '0' }).end();
  else if (received.method === 'DELETE') response.writeHead(204).end();
  else if (received.path === '/v1/uploads') json(201, { upload: 'U' })(response, received);
  else {
    const { payload } = JSON.parse(received.body) as { readonly payload: unknown };
    const sentAt = '2026-11-28T12:00:00.000000Z';
    json(201, { id: ID, status: 'saved', payload, sentAt, receipts: [] })(response, received);
  }
};

it('reports a file whose transfer breaks again and again, and goes on with what was written after it', async () => {
  server = await scriptedServer(breaking);
  const patient = { attempts: Number.MAX_SAFE_INTEGER, verify: false, waiting: instantWaiting() };
  const client = new MusubiClient({ url: server.url, token: 'a-token', ...patient });
  const output = new PassThrough();
  const outgoing = new Outgoing(client, new PlainScreen(output), { isColoured: false });
  const { signal } = new AbortController();

  const file = { name: 'notes.txt', content: new TextEncoder().encode('12 apples') };
  await Promise.all([outgoing.sendFile(file, BOB, signal), outgoing.send('did it arrive?', BOB, signal)]);
  output.end();

  const shown = await textOf(output);
  expect(shown).toMatch(/notes\.txt.* not sent: /);
  expect(outgoing.pending).toBe(0);
  const sent = server.received.filter(({ path }) => path.endsWith('/messages'));
  expect(sent.map(({ body }) => body.includes('did it arrive?'))).toEqual([true]);
  expect(server.received.filter(({ method }) => method === 'HEAD').length).toBeLessThan(30);
});
