import { randomBytes } from 'node:crypto';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CHUNK_BYTES } from '@musubi/cell';
import { MAX_FILE_BYTES, messageFileSchema } from '@musubi/messaging';
import { until } from '../../../test/support/until.js';
import { type Agent, Client } from './support/client.js';
import { bytesOf, FileClient, problemOf } from './support/file-client.js';
import { type TestService, openService } from './support/open-service.js';
import { UploadClient, stateOf } from './support/upload-client.js';

const SIZE = CHUNK_BYTES + 4321;
const CONTENT = randomBytes(SIZE);
const PASSPHRASE = 'correct horse battery staple';
const UNKNOWN = [404, 'upload-unknown', undefined];

let service: TestService;
let client: Client;
let uploads: UploadClient;
let alice: Agent;
let bob: Agent;

beforeAll(async () => {
  service = await openService({ FILES_MB_PER_AGENT: '16', AGENTS_PER_DAY: '1000' });
  client = new Client(service.url);
  uploads = new UploadClient(client);
  [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob')];
});

afterAll(() => service.close());

/** A part that is sent bit by bit. */
function partial(upload: string, offset: number, headers = {}): ClientRequest {
  const sending = request(`${service.url}/v1/uploads/${upload}`, {
    method: 'PATCH',
    headers: {
      authorization: `Bearer ${alice.token}`,
      'content-type': 'application/partial-upload',
      'upload-offset': offset,
      ...headers,
    },
  });
  sending.on('error', () => undefined);
  return sending;
}

async function answerTo(sending: ClientRequest): Promise<readonly [number, string | undefined, string]> {
  const answer = await new Promise<IncomingMessage>((resolve) => sending.once('response', resolve));
  let body = '';
  for await (const part of answer.setEncoding('utf8')) body += String(part);
  const { type = '' } = JSON.parse(body) as { readonly type?: string };
  const offset = answer.headers['upload-offset'];
  return [answer.statusCode ?? 0, offset?.toString(), type.replace('urn:musubi:problem:', '')];
}

/** Of files and chunks. */
async function rowsOf({ agent }: Agent): Promise<number> {
  const sql = `select (select count(*) from file where holder = $1) + (select count(*) from file_chunk where holder = $1) as rows`;
  const holder = Buffer.from(agent, 'base64url');
  const [row] = await service.database.dataSource.query<{ rows: string }[]>(sql, [holder]);
  return Number(row?.rows);
}

const offsetOf = async (upload: string): Promise<string | null> =>
  stateOf(await uploads.look(alice, upload))[1];

describe('an upload is not begun', () => {
  it.each([
    ['a path as its name', { name: '../a', size: 1 }, [422, 'invalid', 'name']],
    ['no size', {}, [422, 'invalid', 'size']],
    ['no bytes', { size: 0 }, [422, 'invalid', 'size']],
    ['half a byte', { size: 1.5 }, [422, 'invalid', 'size']],
    ['more than 15 MiB', { size: MAX_FILE_BYTES + 1 }, [413, 'payload-too-large', undefined]],
    ['no digest of SHA-256', { size: 1, digest: 'AAAA' }, [422, 'invalid', 'digest']],
    ['no media type', { size: 1, mediaType: 'text' }, [422, 'invalid', 'mediaType']],
    ['something else', { size: 1, offset: 1 }, [422, 'invalid', '']],
  ])('with %s', async (_, upload, problem) => {
    const rows = await service.rows();

    expect(await problemOf(await uploads.begin(alice, upload))).toEqual(problem);
    expect(await service.rows()).toBe(rows);
  });

  it('when 16 are under way, and again when one is not', async () => {
    const carol = await client.newAgent('carol');
    const begun: string[] = [];
    for (let count = 0; count < 16; count += 1) begun.push(await uploads.begun(carol, { size: 1 }));
    const [first = '', second = ''] = begun;
    const full = [409, 'upload-limit-reached', undefined];

    expect(await problemOf(await uploads.begin(carol, { size: 1 }))).toEqual(full);
    expect((await uploads.remove(carol, first)).status).toBe(204);
    await uploads.begun(carol, { size: 1 });
    expect(await problemOf(await uploads.begin(carol, { size: 1 }))).toEqual(full);
    expect((await uploads.append(carol, second, { offset: 0, body: new Uint8Array(1) })).status).toBe(201);
    await uploads.begun(carol, { size: 1 });
  });

  it('without room for all of it, and has room again when another is let go of', async () => {
    const carol = await client.newAgent('carol');
    const rows = await service.rows();
    const upload = await uploads.begun(carol, { size: 10 * 1024 * 1024 });
    expect((await uploads.append(carol, upload, { offset: 0, body: CONTENT })).status).toBe(204);

    const refused = await uploads.begin(carol, { size: 8 * 1024 * 1024 });
    expect(await problemOf(refused)).toEqual([409, 'file-quota-exceeded', undefined]);
    expect((await uploads.remove(carol, upload)).status).toBe(204);
    expect(await service.rows()).toBe(rows);
    await uploads.begun(carol, { size: 8 * 1024 * 1024 });
  });
});

describe('a part is refused, and not written', () => {
  it('at another offset than the upload has', async () => {
    const upload = await uploads.begun(alice, { size: SIZE });
    const rows = await service.rows();

    for (const offset of [1, CHUNK_BYTES, SIZE, MAX_FILE_BYTES]) {
      const answer = await uploads.append(alice, upload, { offset, body: CONTENT });
      expect(stateOf(answer)).toEqual([409, '0', null]);
      expect(await problemOf(answer)).toEqual([409, 'upload-offset-wrong', undefined]);
    }
    expect(await service.rows()).toBe(rows);
  });

  it.each(['', '-1', '1.5', 'all', '9'.repeat(16)])('at the offset "%s"', async (offset) => {
    const upload = await uploads.begun(alice, { size: SIZE });

    const answer = await uploads.append(alice, upload, { offset, body: CONTENT });

    expect(await problemOf(answer)).toEqual([400, 'malformed', undefined]);
    expect(await offsetOf(upload)).toBe('0');
  });

  it.each(['application/json', 'application/octet-stream', 'text/plain'])('as %s', async (type) => {
    const upload = await uploads.begun(alice, { size: SIZE });

    const answer = await uploads.append(alice, upload, { offset: 0, body: Buffer.from('{}'), type });

    expect(await problemOf(answer)).toEqual([415, 'unsupported-media-type', undefined]);
    expect(await offsetOf(upload)).toBe('0');
  });

  it('when it announces more than is missing', async () => {
    const upload = await uploads.begun(alice, { size: SIZE });

    const answer = await uploads.append(alice, upload, { offset: 0, body: randomBytes(SIZE + 1) });

    expect(await problemOf(answer)).toEqual([413, 'payload-too-large', undefined]);
    expect(await offsetOf(upload)).toBe('0');
  });

  it('when more than is missing comes unannounced: the file is not complete', async () => {
    const upload = await uploads.begun(alice, { size: SIZE });
    const sending = partial(upload, 0, { 'transfer-encoding': 'chunked' });
    sending.write(CONTENT.subarray(0, CHUNK_BYTES));
    await until(async () => {
      expect(await offsetOf(upload)).toBe(String(CHUNK_BYTES));
    });

    sending.end(randomBytes(5000));

    expect(await answerTo(sending)).toEqual([413, undefined, 'payload-too-large']);
    expect(await offsetOf(upload)).toBe(String(CHUNK_BYTES));
  });

  it('of an upload that is unknown, or somebody else’s', async () => {
    const upload = await uploads.begun(alice, { size: SIZE });
    const rows = await service.rows();

    for (const [agent, id] of [
      [bob, upload],
      [alice, 'A'.repeat(22)],
    ] as const) {
      expect(await problemOf(await uploads.append(agent, id, { offset: 0, body: CONTENT }))).toEqual(UNKNOWN);
      expect(await problemOf(await uploads.remove(agent, id))).toEqual(UNKNOWN);
      expect(stateOf(await uploads.look(agent, id))).toEqual([404, null, null]);
    }
    expect(await problemOf(await uploads.remove(alice, 'none'))).toEqual([422, 'invalid', '']);
    expect(await service.rows()).toBe(rows);
  });

  it('when its upload is let go of meanwhile', async () => {
    const rows = await service.rows();
    const upload = await uploads.begun(alice, { size: 3 * CHUNK_BYTES });
    const sending = partial(upload, 0, { 'content-length': 3 * CHUNK_BYTES });
    sending.write(randomBytes(CHUNK_BYTES));
    await until(async () => {
      expect(await offsetOf(upload)).toBe(String(CHUNK_BYTES));
    });

    expect((await uploads.remove(alice, upload)).status).toBe(204);
    sending.end(randomBytes(2 * CHUNK_BYTES));

    expect(await answerTo(sending)).toEqual([404, undefined, 'upload-unknown']);
    expect(await service.rows()).toBe(rows);
  });

  it('when its agent is deleted, and leaves nothing', async () => {
    const dave = await client.newAgent('dave', PASSPHRASE);
    const upload = await uploads.begun(dave, { size: SIZE });
    await uploads.append(dave, upload, { offset: 0, body: CONTENT.subarray(0, CHUNK_BYTES) });

    const body = { passphrase: PASSPHRASE };
    const deletion = `/v1/agents/${dave.agent}/deletion`;
    expect((await client.request(deletion, { token: dave.token, body })).status).toBe(204);

    const rest = { offset: CHUNK_BYTES, body: CONTENT.subarray(CHUNK_BYTES) };
    expect((await uploads.append(dave, upload, rest)).status).toBe(401);
    await until(async () => {
      expect(await rowsOf(dave)).toBe(0);
    });
  });
});

describe('all bytes of an upload', () => {
  it('that are others than its digest says leave nothing', async () => {
    const rows = await rowsOf(alice);
    const digest = Buffer.alloc(32).toString('base64url');
    const upload = await uploads.begun(alice, { size: SIZE, digest });

    const answer = await uploads.append(alice, upload, { offset: 0, body: CONTENT });

    expect(await problemOf(answer)).toEqual([422, 'upload-mismatch', undefined]);
    expect(stateOf(await uploads.look(alice, upload))).toEqual([404, null, null]);
    expect(await rowsOf(alice)).toBe(rows);
  });

  it('that come twice at once are one file, and each byte is there once', async () => {
    const body = randomBytes(5 * CHUNK_BYTES + 1);
    const upload = await uploads.begun(alice, { size: body.length });
    /** As a client does it: goes on wherever the service says. */
    const send = async (): Promise<unknown> => {
      for (let offset = 0; ;) {
        const answer = await uploads.append(alice, upload, { offset, body: body.subarray(offset) });
        if (answer.status === 201) return answer.json();
        expect(await problemOf(answer)).toEqual([409, 'upload-offset-wrong', undefined]);
        offset = Number(answer.headers.get('upload-offset'));
      }
    };

    const [first, second] = await Promise.all([send(), send()]);

    expect(second).toEqual(first);
    const files = new FileClient(client);
    const content = await bytesOf(await files.download(alice, messageFileSchema.parse(first)));
    expect(Buffer.compare(content, body)).toBe(0);
  });

  it('are taken from the request that writes first, and the other one learns where to go on', async () => {
    const upload = await uploads.begun(alice, { size: 3 * CHUNK_BYTES });
    const stalled = partial(upload, 0, { 'content-length': 3 * CHUNK_BYTES });
    stalled.write(new Uint8Array(1000));
    const body = randomBytes(2 * CHUNK_BYTES);
    expect((await uploads.append(alice, upload, { offset: 0, body })).status).toBe(204);

    stalled.end(new Uint8Array(3 * CHUNK_BYTES - 1000));

    expect(await answerTo(stalled)).toEqual([409, String(2 * CHUNK_BYTES), 'upload-offset-wrong']);
    const rest = { offset: 2 * CHUNK_BYTES, body: randomBytes(CHUNK_BYTES) };
    expect((await uploads.append(alice, upload, rest)).status).toBe(201);
  });
});
