import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CHUNK_BYTES } from '@musubi/cell';
import { messageFileSchema } from '@musubi/messaging';
import { until } from '../../../test/support/until.js';
import { type Agent, Client } from './support/client.js';
import { FileClient, bytesOf, problemOf } from './support/file-client.js';
import { type TestService, openService } from './support/open-service.js';
import { UploadClient, stateOf } from './support/upload-client.js';

/** Three chunks, of which the last one is not full. */
const SIZE = 2 * CHUNK_BYTES + 4321;
const CONTENT = randomBytes(SIZE);
const UNKNOWN = [404, 'upload-unknown', undefined];

let service: TestService;
let files: FileClient;
let uploads: UploadClient;
let client: Client;
let alice: Agent;

beforeAll(async () => {
  service = await openService({ FILES_MB_PER_AGENT: '48' });
  client = new Client(service.url);
  files = new FileClient(client);
  uploads = new UploadClient(client);
  alice = await client.newAgent('alice');
});

afterAll(() => service.close());

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64url');

describe('an upload that can go on', () => {
  it('says where it is, and begins at its first byte', async () => {
    const answer = await uploads.begin(alice, { size: SIZE, mediaType: 'text/plain' });
    const view: unknown = await answer.json();

    expect(answer.status).toBe(201);
    const { upload } = view as { upload: string };
    expect(view).toEqual({ upload, offset: 0, size: SIZE, expiresAt: expect.stringMatching(/^20.*Z$/) });
    expect(answer.headers.get('location')).toBe(`/v1/uploads/${upload}`);
    const looked = await uploads.look(alice, upload);
    expect(stateOf(looked)).toEqual([204, '0', String(SIZE)]);
    expect(looked.headers.get('cache-control')).toBe('no-store');
  });

  it('is found again with what is stored of it, by its own agent alone, until it is complete', async () => {
    const [carol, other] = [await client.newAgent('carol'), await client.newAgent('other')];
    const listOf = async ({ token }: Agent): Promise<unknown> =>
      (await client.request('/v1/uploads', { token })).json();
    const digest = digestOf(CONTENT);
    const upload = await uploads.begun(carol, { size: SIZE, mediaType: 'text/plain', digest });
    await uploads.append(carol, upload, { offset: 0, body: CONTENT.subarray(0, CHUNK_BYTES) });

    const expiresAt: unknown = expect.stringMatching(/^20.*Z$/);
    const found = { upload, name: expect.any(String) as unknown, mediaType: 'text/plain', digest, expiresAt };
    expect(await listOf(carol)).toEqual({ items: [{ ...found, size: SIZE, offset: CHUNK_BYTES }] });
    expect(await listOf(other)).toEqual({ items: [] });
    const rest = { offset: CHUNK_BYTES, body: CONTENT.subarray(CHUNK_BYTES) };
    expect((await uploads.append(carol, upload, rest)).status).toBe(201);
    expect(await listOf(carol)).toEqual({ items: [] });
  });

  it('is a file when its last byte has come, however it came', async () => {
    const upload = await uploads.begun(alice, {
      size: SIZE,
      mediaType: 'text/plain',
      digest: digestOf(CONTENT),
    });

    // A whole chunk, and some of the next one, which is thrown away.
    const first = CONTENT.subarray(0, CHUNK_BYTES + 1000);
    expect(stateOf(await uploads.append(alice, upload, { offset: 0, body: first }))).toEqual([
      204,
      String(CHUNK_BYTES),
      null,
    ]);
    expect(stateOf(await uploads.look(alice, upload))).toEqual([204, String(CHUNK_BYTES), String(SIZE)]);
    const rest = CONTENT.subarray(CHUNK_BYTES);
    const answer = await uploads.append(alice, upload, { offset: CHUNK_BYTES, body: rest });

    const file = messageFileSchema.parse(await answer.json());
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`/v1/files/${file.id}`);
    expect(file).toMatchObject({
      name: 'notes.txt',
      mediaType: 'text/plain',
      size: SIZE,
      digest: digestOf(CONTENT),
    });
    expect(Buffer.compare(await bytesOf(await files.download(alice, file)), CONTENT)).toBe(0);
    expect(stateOf(await uploads.look(alice, upload))).toEqual([204, String(SIZE), String(SIZE)]);
  });

  it('gives the answer of its end again', async () => {
    const upload = await uploads.begun(alice, { size: SIZE });
    const first = await uploads.append(alice, upload, { offset: 0, body: CONTENT });
    const file: unknown = await first.json();

    for (const part of [
      { offset: 0, body: CONTENT },
      { offset: SIZE, body: new Uint8Array() },
    ]) {
      const again = await uploads.append(alice, upload, part);
      expect([again.status, await again.json()]).toEqual([201, file]);
    }
    expect(await problemOf(await uploads.remove(alice, upload))).toEqual(UNKNOWN);
  });

  it('goes on at its last whole chunk when its client goes away in the middle', async () => {
    const upload = await uploads.begun(alice, { size: SIZE });
    const leaving = request(`${service.url}/v1/uploads/${upload}`, {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${alice.token}`,
        'content-type': 'application/partial-upload',
        'upload-offset': '0',
        'content-length': SIZE,
      },
    });
    leaving.on('error', () => undefined);
    leaving.write(CONTENT.subarray(0, CHUNK_BYTES + 77));
    await until(async () => {
      expect(stateOf(await uploads.look(alice, upload))).toEqual([204, String(CHUNK_BYTES), String(SIZE)]);
    });

    leaving.destroy();

    const body = CONTENT.subarray(CHUNK_BYTES);
    const answer = await uploads.append(alice, upload, { offset: CHUNK_BYTES, body });
    const file = messageFileSchema.parse(await answer.json());
    expect(file.digest).toBe(digestOf(CONTENT));
  });

  it.each([1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1])('takes %d bytes in one part', async (size) => {
    const body = randomBytes(size);
    const upload = await uploads.begun(alice, { size });

    const answer = await uploads.append(alice, upload, { offset: 0, body });

    const file = messageFileSchema.parse(await answer.json());
    expect(file.digest).toBe(digestOf(body));
    expect(Buffer.compare(await bytesOf(await files.download(alice, file)), body)).toBe(0);
  });
});
