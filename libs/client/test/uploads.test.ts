import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  MusubiClient,
  type Progress,
  TimeoutError,
  UnreachableError,
  UnverifiedFileError,
} from '@musubi/client';
import { untilEqual } from '../../../test/support/until.js';
import { CONTENT, DIGEST, TEXT, VIEW, failureOf } from './support/file.js';
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

let server: ScriptedServer;
let waiting: ReturnType<typeof instantWaiting>;

afterEach(() => server.close());

async function clientOf(...replies: readonly Reply[]): Promise<MusubiClient> {
  server = await scriptedServer(...replies);
  waiting = instantWaiting();
  return new MusubiClient({ url: `${server.url}/`, token: 'a-token', waiting });
}

const UPLOAD = 'U'.repeat(22);
const begun = json(201, { upload: UPLOAD, offset: 0, size: CONTENT.length });
const upTo =
  (offset: number): Reply =>
  (response) =>
    response.writeHead(204, { 'upload-offset': offset }).end();
const calls = (): readonly string[] =>
  server.received.map(({ method, headers, body }) =>
    method === 'PATCH' ? `PATCH ${String(headers['upload-offset'])} ${body}` : method,
  );

describe('an upload', () => {
  it('says what it brings, and with which digest', async () => {
    const client = await clientOf(begun, json(201, VIEW));

    expect(await client.files.upload(CONTENT, { name: 'a b.txt', mediaType: 'text/plain' })).toEqual(VIEW);
    expect(server.received).toMatchObject([
      { method: 'POST', path: '/v1/uploads', headers: { authorization: 'Bearer a-token' } },
      {
        method: 'PATCH',
        path: `/v1/uploads/${UPLOAD}`,
        headers: {
          authorization: 'Bearer a-token',
          'content-type': 'application/partial-upload',
          'content-length': String(CONTENT.length),
          'upload-offset': '0',
        },
        body: TEXT,
      },
    ]);
    expect(JSON.parse(server.received[0]?.body ?? '')).toEqual({
      ...{ name: 'a b.txt', mediaType: 'text/plain', size: CONTENT.length, digest: DIGEST },
    });
  });

  it('goes on from where the service has it, and no earlier than `Retry-After` says', async () => {
    const busy = problem(503, 'unavailable', true, '7');
    const limited = problem(429, 'rate-limited', true, '3');
    const client = await clientOf(begun, cut, upTo(6), busy, upTo(6), limited, upTo(6), json(201, VIEW));
    const seen: Progress[] = [];

    await client.files.upload(new Blob([CONTENT]), {
      name: 'a.txt',
      onProgress: (progress) => seen.push(progress),
    });

    expect(waiting.waited).toEqual([187.5, 7000, 3000]);
    const [whole, rest] = [`PATCH 0 ${TEXT}`, `PATCH 6 ${TEXT.slice(6)}`];
    expect(calls()).toEqual(['POST', whole, 'HEAD', rest, 'HEAD', rest, 'HEAD', rest]);
    expect(seen.map(({ bytes }) => bytes)).toEqual([0, 6, CONTENT.length]);
  });

  it('whose last answer is lost asks for it again, and sends no byte twice', async () => {
    const client = await clientOf(begun, cut, upTo(CONTENT.length), json(201, VIEW));

    expect(await client.files.upload(CONTENT, { name: 'a.txt' })).toEqual(VIEW);
    expect(calls()).toEqual(['POST', `PATCH 0 ${TEXT}`, 'HEAD', `PATCH ${CONTENT.length} `]);
  });

  it('goes where the service says when it wants another byte', async () => {
    const wrong = problem(409, 'upload-offset-wrong', false);
    const client = await clientOf(begun, wrong, upTo(3), json(201, VIEW));

    expect(await client.files.upload(CONTENT, { name: 'a.txt' })).toEqual(VIEW);
    expect(calls()).toEqual(['POST', `PATCH 0 ${TEXT}`, 'HEAD', `PATCH 3 ${TEXT.slice(3)}`]);
  });

  it('sends pieces as large as the service keeps them', async () => {
    const size = 700_000;
    const bytes = new TextEncoder().encode('a'.repeat(size));
    const digest = createHash('sha256').update(bytes).digest('base64url');
    const keeps: Reply = (response, received) => {
      const end = Number(received.headers['upload-offset']) + received.body.length;
      if (end === size) json(201, { ...VIEW, size, digest })(response, received);
      else upTo(end - (end % 100_000))(response, received);
    };
    const client = await clientOf(begun, keeps);
    const seen: number[] = [];

    await client.files.upload(bytes, { name: 'a.txt', onProgress: (progress) => seen.push(progress.bytes) });

    expect(seen).toEqual([0, 200_000, 600_000, size]);
    expect(server.received.slice(1).map(({ body }) => body.length)).toEqual([262_144, 400_000, 100_000]);
  });

  it.each([
    ['has no room', problem(409, 'file-quota-exceeded', true)],
    ['refuses it', problem(422, 'invalid', false)],
  ])('is not begun again when the service %s', async (_, reply) => {
    const client = await clientOf(reply);

    expect(await failureOf(client.files.upload(CONTENT, { name: 'a.txt' }))).toMatchObject({
      name: 'ProblemError',
    });
    expect(server.received).toHaveLength(1);
  });

  it('waits for a place among the unfinished ones', async () => {
    const client = await clientOf(problem(409, 'upload-limit-reached', true), begun, json(201, VIEW));

    expect(await client.files.upload(CONTENT, { name: 'a.txt' })).toEqual(VIEW);
    expect(calls()).toEqual(['POST', 'POST', `PATCH 0 ${TEXT}`]);
  });

  it('is given up after five minutes that moved nothing, and then leaves nothing', async () => {
    const client = await clientOf(begun, cut);

    expect(await failureOf(client.files.upload(CONTENT, { name: 'a.txt' }))).toBeInstanceOf(UnreachableError);
    await untilEqual('DELETE', () => Promise.resolve(calls().at(-1)));
    expect(waiting.now()).toBeGreaterThan(280_000);
    expect(waiting.now()).toBeLessThanOrEqual(300_000);
    const looks = Array.from({ length: waiting.waited.length }, () => 'HEAD');
    expect(calls()).toEqual(['POST', `PATCH 0 ${TEXT}`, ...looks, 'DELETE']);
  });

  it('counts these minutes anew with each piece that arrives', async () => {
    const breaks = Array.from({ length: 30 }, () => cut);
    const client = await clientOf(begun, ...breaks, upTo(3), ...breaks, upTo(6), json(201, VIEW));

    expect(await client.files.upload(CONTENT, { name: 'a.txt' })).toEqual(VIEW);
    expect(waiting.now()).toBeGreaterThan(300_000);
  });

  it('waits for a place among those under way, which is no failed attempt, for five minutes', async () => {
    const full = problem(503, 'unavailable', true, '2');
    const client = await clientOf(begun, (response, received) => {
      (received.method === 'HEAD' ? upTo(0) : full)(response, received);
    });

    const failure = await failureOf(client.files.upload(CONTENT, { name: 'a.txt', attempts: 1 }));

    expect(failure).toMatchObject({ code: 'unavailable' });
    expect(waiting.now()).toBe(300_000);
  });

  it('does not go round for ever with a service that steps back', async () => {
    const wrong = problem(409, 'upload-offset-wrong', false);
    const client = await clientOf(begun, upTo(6), (response, received) => {
      if (received.method === 'HEAD') upTo(0)(response, received);
      else if (received.headers['upload-offset'] === '0') upTo(6)(response, received);
      else wrong(response, received);
    });

    const failure = await failureOf(client.files.upload(CONTENT, { name: 'a.txt', attempts: 2 }));

    expect(failure).toMatchObject({ code: 'upload-offset-wrong' });
    const [whole, rest] = [`PATCH 0 ${TEXT}`, `PATCH 6 ${TEXT.slice(6)}`];
    expect(calls().slice(0, 6)).toEqual(['POST', whole, rest, 'HEAD', whole, rest]);
  });

  it.each([
    ['was lost', cut],
    ['takes more than a few seconds', silent],
  ])('whose deletion %s is deleted before the next one begins', async (_, lost) => {
    const refused = problem(422, 'upload-mismatch', false);
    const client = await clientOf(begun, refused, lost, json(204, undefined), begun, json(201, VIEW));
    const file = { name: 'a.txt' };

    expect(await failureOf(client.files.upload(CONTENT, file))).toMatchObject({ code: 'upload-mismatch' });
    expect(await client.files.upload(CONTENT, file)).toEqual(VIEW);

    const whole = `PATCH 0 ${TEXT}`;
    expect(calls()).toEqual(['POST', whole, 'DELETE', 'DELETE', 'POST', whole]);
  });

  it('waits for its turn where three are under way', async () => {
    const open: (() => void)[] = [];
    let begunBy = 0;
    let most = 0;
    const client = await clientOf((response, received) => {
      if (received.method === 'POST') {
        begunBy += 1;
        most = Math.max(most, begunBy);
        begun(response, received);
        return;
      }
      open.push(() => {
        begunBy -= 1;
        json(201, VIEW)(response, received);
      });
      // They are answered by threes.
      if (open.length === 3) for (const answer of open.splice(0)) answer();
    });
    const [ending, reason] = [new AbortController(), new Error('enough')];
    const uploads = Array.from({ length: 6 }, () => client.files.upload(CONTENT, { name: 'a.txt' }));
    const aborted = failureOf(client.files.upload(CONTENT, { name: 'a.txt', signal: ending.signal }));
    ending.abort(reason);

    expect(await aborted).toBe(reason);
    await Promise.all(uploads);
    expect(most).toBe(3);
  });

  it('is given up earlier where its caller says so, once it has begun', async () => {
    const client = await clientOf(cut, cut, begun, cut);

    const failure = await failureOf(client.files.upload(CONTENT, { name: 'a.txt', attempts: 2 }));

    expect(failure).toBeInstanceOf(UnreachableError);
    expect(calls().slice(2, 5)).toEqual(['POST', `PATCH 0 ${TEXT}`, 'HEAD']);
    await untilEqual(6, () => Promise.resolve(server.received.length));
    expect(calls().at(-1)).toBe('DELETE');
  });

  it('says why when the service has it no more', async () => {
    const gone: Reply = (response) => response.writeHead(404).end();
    const client = await clientOf(begun, cut, gone, problem(404, 'upload-unknown', false));

    const failure = await failureOf(client.files.upload(CONTENT, { name: 'a.txt' }));

    expect(failure).toMatchObject({ code: 'upload-unknown', status: 404 });
  });

  it('signs in again after a restart, though the refusal of `HEAD` does not say why', async () => {
    const nameless: Reply = (response) => response.writeHead(401).end();
    const locked = problem(401, 'unauthenticated', false);
    const session = (token: string): Reply => json(201, { agent: 'an-agent', token });
    const client = await clientOf(
      ...[session('old'), begun, cut, nameless, locked, session('new'), upTo(6), json(201, VIEW)],
    );
    await client.signIn({ agent: 'an-agent', passphrase: 'long enough', keep: true });

    expect(await client.files.upload(CONTENT, { name: 'a.txt' })).toEqual(VIEW);
    const [whole, rest] = [`PATCH 0 ${TEXT}`, `PATCH 6 ${TEXT.slice(6)}`];
    expect(calls()).toEqual(['POST', 'POST', whole, 'HEAD', whole, 'POST', 'HEAD', rest]);
    expect(server.received.at(-1)?.headers.authorization).toBe('Bearer new');
  });

  it.each([401, 410])('says why when the service refuses `HEAD` with %d', async (status) => {
    const nameless: Reply = (response) => response.writeHead(status).end();
    const client = await clientOf(begun, cut, nameless, problem(status, 'agent-moved', false));

    expect(await failureOf(client.files.upload(CONTENT, { name: 'a.txt' }))).toMatchObject({
      code: 'agent-moved',
    });
  });

  it('is abandoned when its signal is aborted', async () => {
    const client = await clientOf(begun, silent, json(204, undefined));
    const [ending, reason] = [new AbortController(), new Error('enough')];

    const upload = failureOf(client.files.upload(CONTENT, { name: 'a.txt', signal: ending.signal }));
    await untilEqual(2, () => Promise.resolve(server.received.length));
    ending.abort(reason);

    expect(await upload).toBe(reason);
    await untilEqual(`DELETE /v1/uploads/${UPLOAD}`, () => {
      const { method, path } = server.received.at(-1) ?? {};
      return Promise.resolve(`${method} ${path}`);
    });
  });

  it('fails when the service has kept other bytes', async () => {
    const client = await clientOf(begun, json(201, { ...VIEW, digest: 'other' }));

    expect(await failureOf(client.files.upload(CONTENT, { name: 'a.txt' }))).toBeInstanceOf(
      UnverifiedFileError,
    );
  });

  it('fails when there is no answer in time', async () => {
    const client = await clientOf(begun, silent);

    const failure = await failureOf(
      client.files.upload(CONTENT, { name: 'a.txt', timeoutMs: 50, attempts: 2 }),
    );

    expect(failure).toBeInstanceOf(TimeoutError);
  });
});
