import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { z } from 'zod';
import { TwoProcesses } from '../../../test/support/two-processes.js';
import { untilEqual } from '../../../test/support/until.js';
import { type Agent, Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';
import { startServiceProcess } from './support/service-process.js';
import {
  PASSPHRASE,
  end,
  isOnline,
  sessionsOf,
  signIn,
  statusOf,
  streamOf,
} from './support/session-client.js';

const OTHER = 'another horse staple';
const WAIT = { headers: { prefer: 'wait=20' } };

let service: TestService;
let client: Client;
let alice: Agent;
let bob: Agent;

beforeAll(async () => {
  // Each case tries passphrases, all from one address.
  service = await openService({ SIGN_INS_PER_MINUTE: '600' });
  client = new Client(service.url);
  alice = await client.newAgent('alice');
});

afterAll(() => service.close());

beforeEach(async () => {
  bob = await client.newAgent('bob', PASSPHRASE);
});

const change = (at: Client, { agent, token }: Agent, body: object): Promise<Response> =>
  at.request(`/v1/agents/${agent}/passphrase`, { token, method: 'PUT', body });

async function changed(at: Client, agent: Agent, body: object): Promise<Agent> {
  const answer = await change(at, agent, body);
  expect(answer.status).toBe(200);
  return { ...agent, token: z.object({ token: z.string() }).parse(await answer.json()).token };
}

const signInWith = async (at: Client, { agent }: Agent, passphrase: string): Promise<number> =>
  (await at.request('/v1/sessions', { body: { agent, passphrase } })).status;

const problemOf = async (answer: Response): Promise<readonly [number, string]> => {
  const { type } = z.object({ type: z.string() }).parse(await answer.json());
  return [answer.status, type.replace('urn:musubi:problem:', '')];
};

describe('a change of passphrase', () => {
  it('opens the keys with the new one alone, and ends every other session and its stream', async () => {
    const other = await signIn(client, bob);
    const stream = await streamOf(client, other);

    const fresh = await changed(client, bob, { passphrase: PASSPHRASE, newPassphrase: OTHER });

    await stream.text;
    expect([await statusOf(client, bob), await statusOf(client, other)]).toEqual([401, 401]);
    expect([await statusOf(client, fresh), (await sessionsOf(client, fresh)).items.length]).toEqual([200, 1]);
    expect(await isOnline(client, bob, alice)).toBe(true);
    expect([await signInWith(client, bob, PASSPHRASE), await signInWith(client, bob, OTHER)]).toEqual([
      401, 201,
    ]);
  });

  it('keeps what was sealed before it readable, on all placements', async () => {
    const sent = await Promise.all(
      STRATEGY_NAMES.map((strategy) => client.send(strategy, alice, bob, { ...WAIT, text: strategy })),
    );

    const fresh = await changed(client, bob, { passphrase: PASSPHRASE, newPassphrase: OTHER });

    for (const { id, strategy } of sent) {
      const path = `/v1/strategies/${strategy}/messages/${id}`;
      expect((await client.get('message', path, { token: fresh.token })).payload.text).toBe(strategy);
    }
  });

  it.each([
    ['a wrong passphrase', () => bob, { passphrase: OTHER, newPassphrase: OTHER }, [401, 'unauthenticated']],
    ['no passphrase', () => bob, { newPassphrase: OTHER }, [401, 'unauthenticated']],
    ['a short new one', () => bob, { passphrase: PASSPHRASE, newPassphrase: 'short' }, [422, 'invalid']],
    [
      'another agent’s token',
      () => ({ agent: bob.agent, token: alice.token }),
      { passphrase: PASSPHRASE, newPassphrase: OTHER },
      [403, 'forbidden'],
    ],
  ])('is refused with %s, and changes nothing', async (_, by, body, problem) => {
    expect(await problemOf(await change(client, by(), body))).toEqual(problem);

    expect([await statusOf(client, bob), await signInWith(client, bob, PASSPHRASE)]).toEqual([200, 201]);
  });

  it('leaves no session to those who were signing in with the old one', async () => {
    const signIns = Array.from({ length: 3 }, () =>
      client.request('/v1/sessions', { body: { agent: bob.agent, passphrase: PASSPHRASE } }),
    );
    const [fresh, ...answers] = await Promise.all([
      changed(client, bob, { passphrase: PASSPHRASE, newPassphrase: OTHER }),
      ...signIns,
    ]);

    for (const answer of answers) {
      const { token } = z.object({ token: z.string().optional() }).parse(await answer.json());
      if (token !== undefined) expect(await statusOf(client, { ...bob, token })).toBe(401);
    }
    expect([await statusOf(client, fresh), (await sessionsOf(client, fresh)).items.length]).toEqual([200, 1]);
  });

  it('is made once of two that open with the same passphrase at once', async () => {
    const wanted = [OTHER, 'a third horse staple'];

    const answers = await Promise.all(
      wanted.map((newPassphrase) => change(client, bob, { passphrase: PASSPHRASE, newPassphrase })),
    );

    const statuses = answers.map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([200, 401]);
    const kept = wanted[statuses.indexOf(200)] ?? '';
    expect([await signInWith(client, bob, kept), await signInWith(client, bob, PASSPHRASE)]).toEqual([
      201, 401,
    ]);
  });

  it('is in no log, no more than the words are', async () => {
    await changed(client, bob, { passphrase: PASSPHRASE, newPassphrase: OTHER });

    expect([service.log().includes(OTHER), service.log().includes(PASSPHRASE)]).toEqual([false, false]);
  });
});

describe('an unattended agent that gets a passphrase', () => {
  const KEY = { 'idempotency-key': 'qJ7tX0bW2nL5vR8yZ1cF4g' };

  it('is offline once it has signed out, and also after a restart', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'musubi-passphrases-'));
    const start = () => startServiceProcess({ DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'warn' });
    const first = await start();
    let here = new Client(first.url);
    const carol = await here.newAgent('carol');

    const fresh = await changed(here, carol, { newPassphrase: OTHER });
    expect([await statusOf(here, carol), await statusOf(here, fresh)]).toEqual([401, 200]);
    await first.end('SIGTERM');

    const second = await start();
    here = new Client(second.url);
    const dave = await here.newAgent('dave');
    const before = [await statusOf(here, fresh), await isOnline(here, carol, dave)];
    const signedIn = await signInWith(here, carol, OTHER);
    expect([before, signedIn, await isOnline(here, carol, dave)]).toEqual([[401, false], 201, true]);
    await second.end('SIGTERM');
    await rm(dataDir, { recursive: true, force: true });
  });

  it('is not had any more by the Idempotency-Key that made it', async () => {
    const body = { nickname: 'erin' };
    const erin = await client.get('agent', '/v1/agents', { body, headers: KEY });
    await changed(client, erin, { newPassphrase: OTHER });

    const answer = await client.request('/v1/agents', { body, headers: KEY });

    expect(await problemOf(answer)).toEqual([409, 'idempotency-key-reused']);
  });

  it('is locked in every process', async () => {
    const node = await TwoProcesses.open(1);
    const [first, second] = node.clients;
    const [frank] = node.agents;
    if (frank === undefined) throw new Error('there is no agent');
    const grace = await first.newAgent('grace');

    const fresh = await changed(first, frank, { newPassphrase: OTHER });
    await end(first, fresh);

    await untilEqual(false, () => isOnline(second, frank, grace));
    expect([await statusOf(second, frank), await statusOf(second, fresh)]).toEqual([401, 401]);
    await node.close();
  });
});

describe('recovery words', () => {
  const wordsFor = async ({ agent, token }: Agent, passphrase = PASSPHRASE): Promise<string> => {
    const answer = await client.request(`/v1/agents/${agent}/recovery-words`, {
      token,
      body: { passphrase },
    });
    expect(answer.status).toBe(200);
    return z.object({ words: z.string() }).parse(await answer.json()).words;
  };
  const recover = ({ agent }: Agent, words: string): Promise<Response> =>
    client.request(`/v1/agents/${agent}/recovery`, { body: { words, newPassphrase: OTHER } });

  it('give the agent a new passphrase without the old one, and end its sessions', async () => {
    const words = await wordsFor(bob);
    await end(client, bob);

    const answer = await recover(bob, `\n${words.toUpperCase().replaceAll(' ', '\n')} `);

    const { token } = z.object({ token: z.string() }).parse(await answer.json());
    expect([answer.status, words.split(' ').length]).toEqual([200, 24]);
    expect([await statusOf(client, bob), await statusOf(client, { ...bob, token })]).toEqual([401, 200]);
    expect([await signInWith(client, bob, PASSPHRASE), await signInWith(client, bob, OTHER)]).toEqual([
      401, 201,
    ]);
    expect(service.log()).not.toContain(words);
  });

  it('are the same whenever they are asked for, since they are the agent', async () => {
    const words = await wordsFor(bob);
    const fresh = await changed(client, bob, { passphrase: PASSPHRASE, newPassphrase: OTHER });

    expect(await wordsFor(fresh, OTHER)).toBe(words);
  });

  it('of another agent, or of none, change nothing', async () => {
    const carol = await client.newAgent('carol', PASSPHRASE);
    const wrong = [await wordsFor(carol), 'abandon '.repeat(23) + 'art', 'word'];

    for (const words of wrong)
      expect(await problemOf(await recover(bob, words))).toEqual([401, 'unauthenticated']);

    expect([await statusOf(client, bob), await signInWith(client, bob, PASSPHRASE)]).toEqual([200, 201]);
  });

  it('are shown to nobody with a wrong passphrase, or for an agent that has none', async () => {
    const at = ({ agent }: Agent, { token }: Agent, passphrase: string): Promise<Response> =>
      client.request(`/v1/agents/${agent}/recovery-words`, { token, body: { passphrase } });

    expect([
      await problemOf(await at(bob, bob, OTHER)),
      await problemOf(await at(bob, alice, PASSPHRASE)),
      await problemOf(await at(alice, alice, PASSPHRASE)),
    ]).toEqual([
      [401, 'unauthenticated'],
      [403, 'forbidden'],
      [409, 'agent-unattended'],
    ]);
  });
});
