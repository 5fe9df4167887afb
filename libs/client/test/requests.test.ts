import { afterEach, describe, expect, it } from '@jest/globals';
import { MusubiClient, ProblemError, TimeoutError, UnreachableError } from '@musubi/client';
import { untilEqual } from '../../../test/support/until.js';
import { instantWaiting } from './support/instant.js';
import {
  type Reply,
  type ScriptedServer,
  cut,
  json,
  problem,
  scriptedServer,
  silent,
} from './support/scripted-server.js';

const SESSION = { agent: 'A'.repeat(43), token: 'a-token' };
const AGENT = { agent: SESSION.agent, nickname: 'alice', online: true };
const FIRST_PAUSE_MS = 187.5;

let server: ScriptedServer;
let waiting: ReturnType<typeof instantWaiting>;

afterEach(() => server.close());

async function clientOf(...replies: readonly Reply[]): Promise<MusubiClient> {
  server = await scriptedServer(...replies);
  waiting = instantWaiting();
  return new MusubiClient({ url: server.url, token: 'a-token', waiting });
}

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'none',
    (error: unknown) => error,
  );
const requests = (): Promise<number> => Promise.resolve(server.received.length);
const keys = (): readonly unknown[] => server.received.map(({ headers }) => headers['idempotency-key']);

describe('a request that may be repeated', () => {
  it.each<[string, Reply]>([
    ['the connection was cut', cut],
    ['the service could not', problem(503, 'unavailable', true)],
    ['a chain had moved', problem(409, 'head-moved', true)],
    ['a proxy had no service', (response) => response.writeHead(502).end('<html>')],
    [
      'the answer was cut',
      (response) => {
        response.writeHead(200, { 'content-length': '100' }).write('{"agent"');
        response.destroy();
      },
    ],
  ])('is sent again when %s', async (_, reply) => {
    const client = await clientOf(reply, json(200, AGENT));

    expect(await client.agent(AGENT.agent)).toEqual(AGENT);
    expect(server.received).toHaveLength(2);
  });

  it('is sent no earlier than `Retry-After` says, and later each time', async () => {
    const limited = problem(429, 'rate-limited', true, '7');
    const client = await clientOf(cut, cut, limited, json(200, AGENT));

    await client.agent(AGENT.agent);

    expect(waiting.waited).toEqual([FIRST_PAUSE_MS, 2 * FIRST_PAUSE_MS, 7000]);
  });

  it('is sent at a date, which counts from the date of the answer', async () => {
    const dated: Reply = (response) =>
      response
        .writeHead(503, {
          date: 'Sun, 06 Nov 1994 08:49:37 GMT',
          'retry-after': 'Sun, 06 Nov 1994 08:49:40 GMT',
        })
        .end();
    const client = await clientOf(dated, json(200, AGENT));

    await client.agent(AGENT.agent);

    expect(waiting.waited).toEqual([3000]);
  });

  it('is given up after five attempts, or when the service wants a pause of an hour', async () => {
    const client = await clientOf(cut);

    expect(await failureOf(client.agent(AGENT.agent))).toBeInstanceOf(UnreachableError);
    expect(server.received).toHaveLength(5);
    await server.close();
    const patient = await clientOf(problem(503, 'unavailable', true, '3600'));
    expect(await failureOf(patient.agent(AGENT.agent))).toMatchObject({ retryAfterMs: 3_600_000 });
    expect(server.received).toHaveLength(1);
  });
});

describe('a request that makes something', () => {
  it('gets a key, which its repeats have too', async () => {
    const client = await clientOf(cut, problem(503, 'unavailable', true), json(201, SESSION));

    await client.signUp({ nickname: 'alice' });

    expect(server.received).toHaveLength(3);
    expect(keys()).toEqual(Array(3).fill(expect.stringMatching(/^[\w-]{32}$/)));
    expect(new Set(keys()).size).toBe(1);
  });

  it('keeps the key that it was given, also through the typed calls', async () => {
    const client = await clientOf(json(201, SESSION));

    await client.signUp({ nickname: 'alice', idempotencyKey: 'k'.repeat(22) });
    await client.http.POST('/v1/agents', { body: { nickname: 'bob' } });

    expect(keys()).toEqual(['k'.repeat(22), expect.stringMatching(/^[\w-]{32}$/)]);
  });

  it('is sent once when no key can protect it', async () => {
    const client = await clientOf(cut);

    const failure = await failureOf(client.signIn({ agent: AGENT.agent, passphrase: 'correct horse' }));

    expect(failure).toBeInstanceOf(UnreachableError);
    expect(server.received).toHaveLength(1);
  });

  it('is sent once where it may be lost', async () => {
    const client = await clientOf(cut);

    expect(await failureOf(client.tellTyping('source-chain', { to: AGENT.agent }))).toBeInstanceOf(
      UnreachableError,
    );
    expect(server.received.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      { to: AGENT.agent, typing: true },
    ]);
  });

  it('is sent again without a key when it was refused before anything happened', async () => {
    const client = await clientOf(problem(429, 'rate-limited', true, '1'), json(201, { token: 'new' }));

    const session = await client.signIn({ agent: AGENT.agent, passphrase: 'correct horse' });

    expect([session.token, client.token]).toEqual(['new', 'new']);
  });
});

describe('a refusal', () => {
  it('is an error with the problem, and is not repeated', async () => {
    const client = await clientOf(problem(404, 'unknown-agent', false));

    const failure = await failureOf(client.agent(AGENT.agent));

    expect(failure).toBeInstanceOf(ProblemError);
    expect(failure).toMatchObject({ code: 'unknown-agent', status: 404, retryable: false });
    expect(server.received).toHaveLength(1);
  });

  it('by something else than the service is said to be that', async () => {
    const client = await clientOf((response) => response.writeHead(403).end('<html>no</html>'));

    expect(await failureOf(client.agent(AGENT.agent))).toMatchObject({ code: 'unknown', status: 403 });
  });

  it('of a second deletion is none', async () => {
    const client = await clientOf(cut, problem(410, 'message-deleted', false));

    await expect(client.remove('source-chain', 'an-id')).resolves.toBeUndefined();
  });

  it('of a redirection is one, so that the token goes nowhere else', async () => {
    const client = await clientOf((response) => response.writeHead(307, { location: '/elsewhere' }).end());

    expect(await failureOf(client.agent(AGENT.agent))).toBeInstanceOf(UnreachableError);
    expect(server.received.map(({ path }) => path)).not.toContain('/elsewhere');
  });
});

describe('an end', () => {
  it('comes after the time-out', async () => {
    const client = await clientOf(silent);

    const failure = await failureOf(
      client.signIn({ agent: AGENT.agent, passphrase: 'correct horse' }, { timeoutMs: 50 }),
    );

    expect(failure).toBeInstanceOf(TimeoutError);
  });

  it('comes with the reason of the signal, at once and for good', async () => {
    const client = await clientOf(silent);
    const ending = new AbortController();
    const reason = new Error('enough');

    const call = failureOf(client.agent(AGENT.agent, { signal: ending.signal }));
    ending.abort(reason);

    expect(await call).toBe(reason);
    expect(await failureOf(client.agent(AGENT.agent, { signal: ending.signal }))).toBe(reason);
  });

  it('comes also where `fetch` has forgotten its signal', async () => {
    server = await scriptedServer(silent);
    const client = new MusubiClient({ url: server.url, fetch: (request) => fetch(request) });
    const credentials = { agent: AGENT.agent, passphrase: 'correct horse' };

    expect(await failureOf(client.signIn(credentials, { timeoutMs: 50 }))).toBeInstanceOf(TimeoutError);
  });
});

describe('an attended agent whose node was started again', () => {
  const offline = problem(409, 'agent-offline', true);

  it('is signed in again when its passphrase is kept', async () => {
    const signedIn = [json(201, { token: 'first' }), offline, json(201, { token: 'second' })];
    const client = await clientOf(...signedIn, json(200, AGENT));

    await client.signIn({ agent: AGENT.agent, passphrase: 'correct horse', keep: true });

    expect(await client.agent(AGENT.agent)).toEqual(AGENT);
    expect(server.received.at(-1)?.headers.authorization).toBe('Bearer second');
  });

  it('is signed in again, too, when it was made here, after each start', async () => {
    const started = [offline, json(201, { token: 'another' }), json(200, AGENT)];
    const client = await clientOf(json(201, SESSION), ...started, ...started);

    await client.signUp({ nickname: 'alice', passphrase: 'correct horse', keep: true });

    expect(await client.agent(AGENT.agent)).toEqual(AGENT);
    expect(await client.agent(AGENT.agent)).toEqual(AGENT);
  });

  it('is signed in later when the service went away meanwhile', async () => {
    const client = await clientOf(
      ...[
        json(201, { token: 'first' }),
        offline,
        cut,
        offline,
        json(201, { token: 'second' }),
        json(200, AGENT),
      ],
    );

    await client.signIn({ agent: AGENT.agent, passphrase: 'correct horse', keep: true });

    expect(await client.agent(AGENT.agent)).toEqual(AGENT);
  });

  it('is not when it is not kept', async () => {
    const client = await clientOf(json(201, { token: 'first' }), offline);

    await client.signIn({ agent: AGENT.agent, passphrase: 'correct horse' });

    expect(await failureOf(client.agent(AGENT.agent))).toMatchObject({ code: 'agent-offline' });
    expect(server.received).toHaveLength(2);
  });

  it('stays signed out when it signs out meanwhile, and ends the session that comes then', async () => {
    let answerSignIn = (): void => undefined;
    const late: Reply = (response, received) => {
      answerSignIn = (): void => {
        json(201, { token: 'second' })(response, received);
      };
    };
    const ended: Reply = (response) => response.writeHead(204).end();
    const client = await clientOf(json(201, { token: 'first' }), offline, late, ended);
    await client.signIn({ agent: AGENT.agent, passphrase: 'correct horse', keep: true });
    const call = failureOf(client.agent(AGENT.agent));
    await untilEqual(3, requests);

    const leaving = client.signOut();
    await untilEqual(4, requests);
    answerSignIn();
    await leaving;

    expect(client.token).toBeUndefined();
    expect(await call).toMatchObject({ code: 'agent-offline' });
    const endings = server.received.filter(({ method }) => method === 'DELETE');
    expect(endings.map(({ headers }) => headers.authorization)).toEqual(['Bearer first', 'Bearer second']);
  });
});
