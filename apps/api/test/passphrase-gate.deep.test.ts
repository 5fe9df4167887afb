import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseAgentPubKey } from '@musubi/messaging';
import { PassphraseGate } from '../src/access/passphrase-gate.js';
import { type Agent, Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

const agentNamed = (letter: string): ReturnType<typeof parseAgentPubKey> =>
  parseAgentPubKey(`${letter.repeat(42)}A`);
const bob = agentNamed('b');
const wrong = (): Promise<'keys' | null> => Promise.resolve(null);
const right = (): Promise<'keys' | null> => Promise.resolve('keys');
const never = new Promise<never>(() => undefined);
const forever = (): Promise<'keys' | null> => never;

describe('the gate before passphrases', () => {
  it('refuses the guesses of one network at one agent beyond a sixth of its budget, and says for how long', async () => {
    const gate = new PassphraseGate({ signInsPerMinute: 30 });
    const attempt = { address: '192.0.2.1', agent: bob };
    for (let guess = 0; guess < 5; guess += 1) expect(await gate.attempt(attempt, wrong)).toBeNull();

    const refused = gate.attempt(attempt, right);

    await expect(refused).rejects.toMatchObject({ code: 'rate-limited', retryAfter: expect.any(Number) });
  });

  it('lets the owner in meanwhile, from another network', async () => {
    const gate = new PassphraseGate({ signInsPerMinute: 30 });
    for (let guess = 0; guess < 6; guess += 1) {
      await gate.attempt({ address: '192.0.2.1', agent: bob }, wrong).catch(() => undefined);
    }

    expect(await gate.attempt({ address: '198.51.100.7', agent: bob }, right)).toBe('keys');
  });

  it('counts only what was wrong against the agent', async () => {
    const gate = new PassphraseGate({ signInsPerMinute: 30 });
    const attempt = { address: '192.0.2.1', agent: bob };

    for (let time = 0; time < 20; time += 1) expect(await gate.attempt(attempt, right)).toBe('keys');
  });

  it('refuses the guesses of many networks at one agent beyond the whole budget', async () => {
    const gate = new PassphraseGate({ signInsPerMinute: 30 });
    for (let host = 0; host < 30; host += 1) {
      await gate.attempt({ address: `192.0.2.${host}`, agent: bob }, wrong);
    }

    await expect(gate.attempt({ address: '198.51.100.7', agent: bob }, right)).rejects.toThrow('Too many');
  });

  it('counts new passphrases of a network like guesses, whatever their agents', async () => {
    const gate = new PassphraseGate({ signInsPerMinute: 2 });
    await gate.attempt({ address: '192.0.2.1', agent: bob }, right);
    await gate.newPassphrase('192.0.2.1', right);

    await expect(gate.newPassphrase('192.0.2.1', right)).rejects.toThrow('Too many');
    await expect(gate.attempt({ address: '192.0.2.1', agent: agentNamed('c') }, right)).rejects.toThrow();
  });

  it('lets one network try four at once, all of them sixteen, and begins nothing for the others', async () => {
    const gate = new PassphraseGate({ signInsPerMinute: 1000 });
    let begun = 0;
    const count = (): Promise<'keys' | null> => {
      begun += 1;
      return forever();
    };
    const attempts = [1, 2, 3, 4, 5].flatMap((host) =>
      Array.from({ length: 10 }, () => gate.newPassphrase(`192.0.2.${host}`, count)),
    );
    const refused: unknown[] = [];
    for (const attempt of attempts) attempt.catch((error: unknown) => refused.push(error));

    await new Promise(setImmediate);

    expect([begun, refused.length]).toEqual([16, 34]);
    expect(refused[0]).toMatchObject({ code: 'unavailable', retryAfter: 1 });
  });

  it('takes all addresses of one IPv6 network for one', async () => {
    const gate = new PassphraseGate({ signInsPerMinute: 2 });
    await gate.newPassphrase('2001:db8:1:2::1', right);
    await gate.newPassphrase('2001:db8:1:2:ffff::9', right);

    await expect(gate.newPassphrase('2001:db8:1:2:3:4:5:6', right)).rejects.toThrow('Too many');
    expect(await gate.newPassphrase('2001:db8:1:3::1', right)).toBe('keys');
  });
});

describe('fifty wrong sign-ins at once', () => {
  let service: TestService;
  let client: Client;
  let attended: Agent;

  beforeAll(async () => {
    service = await openService();
    client = new Client(service.url);
    attended = await client.newAgent('bob', 'correct horse battery staple');
  });

  afterAll(() => service.close());

  it('are refused but for a few, and those that are refused are told when to try again', async () => {
    const body = { agent: attended.agent, passphrase: 'a wrong passphrase' };

    const answers = await Promise.all(
      Array.from({ length: 50 }, () => client.request('/v1/sessions', { body })),
    );

    const refused = answers.filter(({ status }) => status !== 401);
    expect(refused.length).toBeGreaterThanOrEqual(30);
    for (const { status, headers } of refused) {
      expect([429, 503]).toContain(status);
      expect(headers.get('retry-after')).toMatch(/^[1-9]\d?$/);
    }
  });

  it('do not keep the process from answering anything else meanwhile', async () => {
    const body = { nickname: 'attended', passphrase: 'correct horse battery staple' };
    const underway = new Set([1, 2, 3, 4]);
    const creations = [...underway].map(async (each) => {
      await client.request('/v1/agents', { body });
      underway.delete(each);
    });
    let answered = 0;
    while (underway.size > 0) {
      await client.request('/health/live');
      answered += 1;
    }
    await Promise.all(creations);

    // On the thread that answers, four of these would let one or two probes pass.
    expect(answered).toBeGreaterThan(9);
  });
});
