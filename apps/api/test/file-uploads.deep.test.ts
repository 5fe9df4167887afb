import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MAX_FILE_BYTES, messageFileSchema } from '@musubi/messaging';
import { z } from 'zod';
import { until } from '../../../test/support/until.js';
import { type Agent, Client } from './support/client.js';
import { FileClient, bytesOf, problemOf } from './support/file-client.js';
import { type TestService, openService } from './support/open-service.js';

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

describe('an upload', () => {
  it('answers with what a message needs, and where the file is', async () => {
    const answer = await files.post(alice, 'hello', 'name=a.txt&mediaType=text%2Fplain');
    const file = messageFileSchema.parse(await answer.json());

    expect(file).toMatchObject({ name: 'a.txt', mediaType: 'text/plain', size: 5 });
    expect(answer.headers.get('location')).toBe(`/v1/files/${file.id}`);
  });

  it('takes a file of 15 MiB', async () => {
    const carol = await client.newAgent('carol');
    const bytes = randomBytes(MAX_FILE_BYTES);

    const file = await files.upload(carol, bytes);

    expect(Buffer.compare(await bytesOf(await files.download(carol, file)), bytes)).toBe(0);
  });

  const tooLarge = (): Uint8Array => new Uint8Array(MAX_FILE_BYTES + 1);
  const streamed = (): ReadableStream<Uint8Array> =>
    new ReadableStream({
      start(controller) {
        for (let part = 0; part < 16; part += 1) controller.enqueue(new Uint8Array(1024 * 1024));
        controller.close();
      },
    });

  it('is refused at once when it announces more than 15 MiB, and leaves nothing', async () => {
    const rows = await service.rows();

    const answer = await files.post(alice, tooLarge(), 'name=large');

    expect(await problemOf(answer)).toEqual([413, 'payload-too-large', undefined]);
    expect(await service.rows()).toBe(rows);
  });

  it('is refused when more than 15 MiB come unannounced, and leaves nothing', async () => {
    const rows = await service.rows();

    const answer = await fetch(`${service.url}/v1/files?name=large`, {
      method: 'POST',
      headers: { authorization: `Bearer ${alice.token}`, 'content-type': 'application/octet-stream' },
      body: streamed(),
      duplex: 'half',
    });

    expect(await problemOf(answer)).toEqual([413, 'payload-too-large', undefined]);
    await until(async () => {
      expect(await service.rows()).toBe(rows);
    });
  });

  it('leaves nothing when its client goes away in the middle', async () => {
    const rows = await service.rows();
    const leaving = request(`${service.url}/v1/files?name=half`, {
      method: 'POST',
      headers: { authorization: `Bearer ${alice.token}`, 'content-type': 'application/octet-stream' },
    });
    leaving.on('error', () => undefined);
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

  it.each([
    ['a path', 'name=..%2Fetc%2Fpasswd', [422, 'invalid', 'name']],
    ['a path of Windows', 'name=C%3A%5Ca', [422, 'invalid', 'name']],
    ['a control', 'name=a%0Ab', [422, 'invalid', 'name']],
    ['a turned text', 'name=a%E2%80%AEfdp.exe', [422, 'invalid', 'name']],
    ['300 emoji', `name=${encodeURIComponent('🙂'.repeat(300))}`, [422, 'invalid', 'name']],
    ['no name', 'mediaType=text%2Fplain', [422, 'invalid', 'name']],
    ['two dots', 'name=..', [422, 'invalid', 'name']],
    ['no media type', 'name=a&mediaType=text', [422, 'invalid', 'mediaType']],
    ['something else', 'name=a&size=1', [422, 'invalid', '']],
  ])('is refused with %s, and leaves nothing', async (_, query, problem) => {
    const rows = await service.rows();

    expect(await problemOf(await files.post(alice, 'hello', query))).toEqual(problem);
    expect(await service.rows()).toBe(rows);
  });

  it('is refused when it is empty, or no octet stream', async () => {
    const rows = await service.rows();
    const json = { 'content-type': 'application/json' };

    expect(await problemOf(await files.post(alice, '', 'name=a'))).toEqual([422, 'invalid', 'body']);
    expect(await problemOf(await files.post(alice, '{}', 'name=a', json))).toEqual([
      415,
      'unsupported-media-type',
      undefined,
    ]);
    expect(await service.rows()).toBe(rows);
  });

  it.each(['content-digest', 'repr-digest'])('is held against %s', async (header) => {
    const digest = createHash('sha256').update('hello').digest('base64');
    const withDigest = (value: string): Promise<Response> =>
      files.post(alice, 'hello', 'name=a', { [header]: value });
    expect((await withDigest(`md5=:AAAA:, sha-256=:${digest}:`)).status).toBe(201);
    const rows = await service.rows();

    const other = createHash('sha256').update('other').digest('base64');
    expect(await problemOf(await withDigest(`sha-256=:${other}:`))).toEqual([422, 'invalid', header]);
    expect(await problemOf(await withDigest('sha-256=hello'))).toEqual([400, 'malformed', undefined]);
    expect(await problemOf(await withDigest('sha-256=:AAAA:'))).toEqual([400, 'malformed', undefined]);
    expect(await service.rows()).toBe(rows);
  });

  it('that no message refers to is let go of by its agent alone, once', async () => {
    const bob = await client.newAgent('bob');
    const rows = await service.rows();
    const file = await files.upload(alice, new Uint8Array(700_000));

    expect(await problemOf(await files.discard(bob, file))).toEqual([404, 'file-not-found', undefined]);
    expect((await files.download(alice, file)).status).toBe(200);
    expect((await files.discard(alice, file)).status).toBe(204);
    expect(await problemOf(await files.discard(alice, file))).toEqual([404, 'file-not-found', undefined]);
    expect(await service.rows()).toBe(rows);
  });

  it('is refused when the agent has no room left, and has room again after a deletion', async () => {
    const carol = await client.newAgent('carol');
    const toHerself = { strategy: 'source-chain', from: carol, to: carol };
    const content = new Uint8Array(14 * 1024 * 1024);
    for (let count = 0; count < 2; count += 1) await files.upload(carol, content);
    const sent = await files.send(toHerself, { type: 'file', file: await files.upload(carol, content) });
    const { id } = z.object({ id: z.string() }).parse(await sent.json());

    const large = new Uint8Array(10 * 1024 * 1024);
    const refused = await files.post(carol, large, 'name=a');
    expect(await problemOf(refused)).toEqual([409, 'file-quota-exceeded', undefined]);
    await files.remove('source-chain', carol, id);
    expect((await files.post(carol, large, 'name=a')).status).toBe(201);
  });
});
