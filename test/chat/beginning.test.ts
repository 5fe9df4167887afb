import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MusubiClient } from '@musubi/client';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { type ServiceProcess, startServiceProcess } from '../../apps/api/test/support/service-process.js';
import { serviceDatabase } from '../../apps/api/src/node/database.js';
import { Chat } from '../../apps/chat/src/chat.js';
import { PlainScreen } from '../../apps/chat/src/screen.js';

let database: TestDatabase;
let service: ServiceProcess;

beforeAll(async () => {
  database = await openTestDatabase(serviceDatabase);
  service = await startServiceProcess({
    ...{ PORT: '0', DATABASE_URL: database.url, NODE_SECRET: `${'a'.repeat(42)}A`, LOG_LEVEL: 'warn' },
  });
});

afterAll(async () => {
  await service.end('SIGTERM');
  await database.close();
});

describe('a chat that begins', () => {
  it('shows once what is delivered before it, and just as it learns where the changes begin', async () => {
    const { url } = service;
    const [alice, carol] = [new MusubiClient({ url }), new MusubiClient({ url })];
    const { agent: from } = await alice.signUp({ nickname: 'alice' });
    await carol.signUp({ nickname: 'carol' });
    const session = await new MusubiClient({ url }).signUp({ nickname: 'bob' });
    const say = (client: MusubiClient, words: string, strategy: 'pairwise-dht' | 'global-dht') =>
      client.send({ to: session.agent, text: words, strategy, wait: 30 });
    await say(carol, 'while you were away', 'global-dht');
    let arrives: Promise<unknown> | undefined;
    const bob = new MusubiClient({
      url,
      token: session.token,
      fetch: async (request, init) => {
        if (request.url.includes('since=latest')) await (arrives ??= say(alice, 'just now', 'pairwise-dht'));
        return fetch(request, init);
      },
    });
    const [output, leaving] = [new PassThrough(), new AbortController()];
    const chat = new Chat({
      ...{ client: bob, agent: session.agent, placement: 'pairwise-dht', signal: leaving.signal },
      ...{
        screen: new PlainScreen(output),
        style: { isColoured: false },
        quit: () => undefined,
        folder: '/',
      },
    });

    await chat.begin(from);
    leaving.abort();

    output.end();
    const lines = (await text(output)).trim().split('\n');
    expect(lines.map((line) => line.replace(/^\d\d:\d\d /, ''))).toEqual([
      '- You write to alice on pairwise-dht.',
      'alice: just now',
      'carol: while you were away',
      '- Answer with /to carol',
    ]);
  });
});
