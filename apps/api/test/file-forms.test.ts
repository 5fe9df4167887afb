import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MAX_FILE_BYTES, messageFileSchema } from '@musubi/messaging';
import { until } from '../../../test/support/until.js';
import { type Agent, Client } from './support/client.js';
import { FileClient, bytesOf, problemOf } from './support/file-client.js';
import { type TestService, openService } from './support/open-service.js';

const BOUNDARY = 'a-boundary';
const DISPOSITION = 'content-disposition: form-data; name="file"; filename="a.txt"';
const NOT_ONE = [422, 'invalid', 'body'];

let service: TestService;
let files: FileClient;
let client: Client;
let alice: Agent;

beforeAll(async () => {
  service = await openService({ FILES_MB_PER_AGENT: '48' });
  client = new Client(service.url);
  files = new FileClient(client);
  alice = await client.newAgent('alice');
});

afterAll(() => service.close());

/** As a browser sends it. */
function post(form: FormData, query = '', headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  const authorization = `Bearer ${alice.token}`;
  return fetch(`${service.url}/v1/files${query}`, {
    method: 'POST',
    headers: { authorization, ...headers },
    body: form,
  });
}

function formOf(bytes: Uint8Array<ArrayBuffer> | string, name = 'a.txt', type = 'text/plain'): FormData {
  const form = new FormData();
  form.append('file', new Blob([bytes], { type }), name);
  return form;
}

const type = `multipart/form-data; boundary=${BOUNDARY}`;
const raw = (body: string): Promise<Response> => files.post(alice, body, '', { 'content-type': type });

describe('a file in a form', () => {
  it.each([
    ['a.txt', 'text/plain'],
    ['Übersicht 結び.pdf', 'application/pdf'],
  ])('is kept with the name %s and the type %s of its part', async (name, mediaType) => {
    const bytes = randomBytes(700_001);

    const answer = await post(formOf(bytes, name, mediaType));

    const file = messageFileSchema.parse(await answer.json());
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`/v1/files/${file.id}`);
    expect(file).toMatchObject({ name, mediaType, size: 700_001 });
    expect(Buffer.compare(await bytesOf(await files.download(alice, file)), bytes)).toBe(0);
  });

  it('is kept with the name and the type of the query, where that has them', async () => {
    const answer = await post(formOf('hello'), '?name=b.bin&mediaType=application%2Fpdf');

    expect(await answer.json()).toMatchObject({ name: 'b.bin', mediaType: 'application/pdf', size: 5 });
  });

  it('may have 15 MiB, and not a byte more', async () => {
    const largest = randomBytes(MAX_FILE_BYTES + 1);
    const answer = await post(formOf(largest.subarray(1)));
    const file = messageFileSchema.parse(await answer.json());
    expect(Buffer.compare(await bytesOf(await files.download(alice, file)), largest.subarray(1))).toBe(0);
    const rows = await service.rows();

    expect(await problemOf(await post(formOf(largest)))).toEqual([413, 'payload-too-large', undefined]);
    const larger = new Uint8Array(MAX_FILE_BYTES + 1_000_000);
    expect(await problemOf(await post(formOf(larger)))).toEqual([413, 'payload-too-large', undefined]);
    expect(await service.rows()).toBe(rows);
  });
});

describe('a form is refused, and leaves nothing', () => {
  it.each([
    ['a path as the name', '../a', [422, 'invalid', 'name']],
    ['a control in the name', 'a\u0007b', [422, 'invalid', 'name']],
    ['300 emoji as the name', '🙂'.repeat(300), [422, 'invalid', 'name']],
  ])('with %s', async (_, name, problem) => {
    const rows = await service.rows();

    expect(await problemOf(await post(formOf('hello', name)))).toEqual(problem);
    expect(await service.rows()).toBe(rows);
  });

  it('with an empty file, with no file, with two, or with a field', async () => {
    const rows = await service.rows();
    const two = formOf('hello');
    two.append('other', new Blob(['more']), 'b.txt');
    const after = formOf('hello');
    after.append('caption', 'a field');
    const before = new FormData();
    before.append('caption', 'a field');
    const alone = before;
    const both = new FormData();
    both.append('caption', 'a field');
    both.append('file', new Blob(['hello']), 'a.txt');

    for (const form of [formOf(''), new FormData(), two, after, alone, both])
      expect(await problemOf(await post(form))).toEqual(NOT_ONE);
    expect(await service.rows()).toBe(rows);
  });

  it('with a digest, which would be that of the form', async () => {
    const digest = `sha-256=:${Buffer.alloc(32).toString('base64')}:`;

    const answer = await post(formOf('hello'), '', { 'content-digest': digest });

    expect(await problemOf(answer)).toEqual([422, 'invalid', 'content-digest']);
  });

  it.each([
    ['breaks off in its file', `--${BOUNDARY}\r\n${DISPOSITION}\r\n\r\nhel`],
    ['breaks off in its headers', `--${BOUNDARY}\r\n${DISPOSITION}`],
    ['ends without its last boundary', `--${BOUNDARY}\r\n${DISPOSITION}\r\n\r\nhello\r\n--${BOUNDARY}`],
  ])('that %s', async (_, body) => {
    const rows = await service.rows();

    expect(await problemOf(await raw(body))).toEqual([400, 'malformed', undefined]);
    expect(await service.rows()).toBe(rows);
  });

  it('that has no boundary, or nothing of a form', async () => {
    const bare = await files.post(alice, 'hello', '', { 'content-type': 'multipart/form-data' });

    expect(await problemOf(bare)).toEqual([400, 'malformed', undefined]);
    expect(await problemOf(await raw('x'.repeat(100_000)))).toEqual([400, 'malformed', undefined]);
    expect((await post(formOf('hello'))).status).toBe(201);
  });

  it('that goes to another route', async () => {
    const answer = await client.request('/v1/agents', {
      token: alice.token,
      body: `--${BOUNDARY}--`,
      headers: { 'content-type': type },
    });

    expect(await problemOf(answer)).toEqual([415, 'unsupported-media-type', undefined]);
  });

  it('when the agent has no room for it, and its client reads the answer', async () => {
    const carol = await client.newAgent('carol');
    for (let count = 0; count < 3; count += 1) await files.upload(carol, new Uint8Array(15 * 1024 * 1024));
    const rows = await service.rows();

    const answer = await fetch(`${service.url}/v1/files`, {
      method: 'POST',
      headers: { authorization: `Bearer ${carol.token}` },
      body: formOf(new Uint8Array(8 * 1024 * 1024)),
    });

    expect(await problemOf(answer)).toEqual([409, 'file-quota-exceeded', undefined]);
    expect(await service.rows()).toBe(rows);
  });

  it('when its client goes away in the middle', async () => {
    const rows = await service.rows();
    const headers = { authorization: `Bearer ${alice.token}`, 'content-type': type };
    const leaving = request(`${service.url}/v1/files`, { method: 'POST', headers });
    leaving.on('error', () => undefined);
    leaving.write(`--${BOUNDARY}\r\n${DISPOSITION}\r\n\r\n`);
    leaving.write(new Uint8Array(600_000));
    // The file and two of its chunks.
    await until(async () => {
      expect(await service.rows()).toBe(rows + 3);
    });

    leaving.destroy();

    await until(async () => {
      expect(await service.rows()).toBe(rows);
    });
  });
});
