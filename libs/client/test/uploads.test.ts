import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  MusubiClient,
  OutdatedServiceError,
  type Progress,
  TimeoutError,
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
import { UPLOAD, begun, callsOf, upTo } from './support/upload.js';

let server: ScriptedServer;
let waiting: ReturnType<typeof instantWaiting>;

afterEach(() => server.close());

async function clientOf(...replies: readonly Reply[]): Promise<MusubiClient> {
  server = await scriptedServer(...replies);
  waiting = instantWaiting();
  return new MusubiClient({ url: `${server.url}/`, token: 'a-token', waiting });
}

const calls = (): readonly string[] => callsOf(server);

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

  it('says that the service is too old for it', async () => {
    const client = await clientOf(problem(404, 'not-found', false));

    const failure = await failureOf(client.files.upload(CONTENT, { name: 'a.txt' }));

    expect(failure).toBeInstanceOf(OutdatedServiceError);
    expect(failure).toMatchObject({
      message: `${server.url} has no /v1/uploads: the service is older than this client`,
      cause: { code: 'not-found' },
    });
    expect(calls()).toEqual(['POST']);
  });

  it('says why when the service has it no more', async () => {
    const gone: Reply = (response) => response.writeHead(404).end();
    const client = await clientOf(begun, cut, gone, problem(404, 'upload-unknown', false));

    const failure = await failureOf(client.files.upload(CONTENT, { name: 'a.txt' }));

    expect(failure).toMatchObject({ code: 'upload-unknown', status: 404 });
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
