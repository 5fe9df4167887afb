import { afterEach, describe, expect, it } from '@jest/globals';
import { MusubiClient } from '@musubi/client';
import { untilEqual } from '../../../test/support/until.js';
import { instantWaiting } from './support/instant.js';
import {
  type Reply,
  type ScriptedServer,
  cut,
  json,
  problem,
  scriptedServer,
} from './support/scripted-server.js';

const AGENT = 'A'.repeat(43);
const OTHER = 'B'.repeat(43);
const PASSPHRASE = 'correct horse battery staple';
const done: Reply = (response) => response.writeHead(204).end();
const wrong = problem(401, 'unauthenticated', false);

let server: ScriptedServer;

afterEach(() => server.close());

async function clientOf(...replies: readonly Reply[]): Promise<MusubiClient> {
  server = await scriptedServer(...replies);
  return new MusubiClient({ url: server.url, token: 'a-token', waiting: instantWaiting() });
}

const asked = (): readonly unknown[] =>
  server.received.map(({ body, headers, path }) => [path, headers.authorization, body]);

describe('deleting an agent', () => {
  it('is repeated when the answer is lost, and then the client acts as nobody', async () => {
    const client = await clientOf(cut, done, json(200, { items: [] }));

    await client.deleteAgent({ agent: AGENT, passphrase: PASSPHRASE });
    await client.strategies();

    const deletion = [
      `/v1/agents/${AGENT}/deletion`,
      'Bearer a-token',
      JSON.stringify({ passphrase: PASSPHRASE }),
    ];
    expect(client.token).toBeUndefined();
    expect(asked()).toEqual([deletion, deletion, ['/v1/strategies', undefined, '']]);
  });

  it('needs no passphrase where there is none', async () => {
    const client = await clientOf(done);

    await client.deleteAgent({ agent: AGENT });

    expect(server.received.map(({ body }) => body)).toEqual(['{}']);
  });

  it('leaves the client as it was when it is refused', async () => {
    const client = await clientOf(wrong);

    const deleting = client.deleteAgent({ agent: AGENT, passphrase: 'another passphrase' });

    await expect(deleting).rejects.toMatchObject({ code: 'unauthenticated' });
    expect([client.token, server.received.length]).toEqual(['a-token', 1]);
  });

  it('forgets a passphrase that it kept, and signs in no more', async () => {
    const signedIn = json(201, { agent: AGENT, token: 'a-new-token' });
    const client = await clientOf(signedIn, done, wrong);
    await client.signIn({ agent: AGENT, passphrase: PASSPHRASE, keep: true });
    await client.deleteAgent({ agent: AGENT, passphrase: PASSPHRASE });

    await expect(client.contacts()).rejects.toMatchObject({ code: 'unauthenticated' });

    expect(server.received.map(({ path }) => path)).toEqual([
      '/v1/sessions',
      `/v1/agents/${AGENT}/deletion`,
      '/v1/contacts',
    ]);
  });

  it('signs in again with the passphrase that it kept, where the session was over', async () => {
    const session = (token: string): Reply => json(201, { agent: AGENT, token });
    const client = await clientOf(session('a-first-token'), wrong, session('a-second-token'), done);
    await client.signIn({ agent: AGENT, passphrase: PASSPHRASE, keep: true });

    await client.deleteAgent({ agent: AGENT, passphrase: PASSPHRASE });

    expect(client.token).toBeUndefined();
    expect(server.received.at(-1)?.headers.authorization).toBe('Bearer a-second-token');
  });

  it('does not sign in again for a passphrase that is not the one it kept', async () => {
    const client = await clientOf(json(201, { agent: AGENT, token: 'its-token' }), wrong);
    await client.signIn({ agent: AGENT, passphrase: PASSPHRASE, keep: true });

    const deleting = client.deleteAgent({ agent: AGENT, passphrase: 'another passphrase' });

    await expect(deleting).rejects.toMatchObject({ code: 'unauthenticated' });
    expect([client.token, server.received.length]).toEqual(['its-token', 2]);
  });

  it('of another agent leaves the client as it was', async () => {
    const client = await clientOf(json(201, { agent: OTHER, token: 'its-token' }), done);
    await client.signIn({ agent: OTHER, passphrase: PASSPHRASE });

    await client.deleteAgent({ agent: AGENT, passphrase: PASSPHRASE });

    expect(client.token).toBe('its-token');
  });

  it.each([AGENT, OTHER])('leaves the client in a session that began meanwhile, as %s', async (agent) => {
    const answers: (() => void)[] = [];
    const later: Reply = (...received) =>
      answers.push(() => {
        done(...received);
      });
    const client = await clientOf(later, json(201, { agent, token: 'a-new-token' }));
    const deleting = client.deleteAgent({ agent: AGENT, passphrase: PASSPHRASE });
    await untilEqual(1, () => Promise.resolve(answers.length));
    await client.signIn({ agent, passphrase: PASSPHRASE });

    for (const answer of answers) answer();
    await deleting;

    expect(client.token).toBe('a-new-token');
  });
});
