import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fromBase64Url } from '@musubi/crypto';
import { STRATEGY_NAMES } from '@musubi/messaging';
import sharp from 'sharp';
import { until } from '../../../test/support/until.js';
import { type Agent, Client } from './support/client.js';
import { type FileClient, bytesOf, problemOf } from './support/file-client.js';
import { FORMATS, noise, plain, png, repeatedGif } from './support/images.js';
import { type TestService, openService } from './support/open-service.js';
import { ThumbnailClient, pictureOf } from './support/thumbnail-client.js';

let service: TestService;
let client: Client;
let files: FileClient;
let thumbnails: ThumbnailClient;
let alice: Agent;
let bob: Agent;

beforeAll(async () => {
  service = await openService();
  client = new Client(service.url);
  thumbnails = new ThumbnailClient(client);
  files = thumbnails.files;
  [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob')];
});

afterAll(() => service.close());

describe.each(STRATEGY_NAMES)('the thumbnail of an image on %s', (strategy) => {
  it('is made for its recipient too', async () => {
    const file = await files.upload(alice, await noise('jpeg', 800, 400), { mediaType: 'image/jpeg' });
    await files.deliver({ strategy, from: alice, to: bob }, { type: 'file', file });

    const { metadata } = await pictureOf(await thumbnails.get(bob, file));

    expect(metadata).toMatchObject({ format: 'webp', width: 320, height: 160 });
  });
});

describe('a thumbnail', () => {
  it.each(FORMATS)('is made of a %s by its bytes, whatever its name and type say', async (format) => {
    const { metadata } = await thumbnails.made(alice, await noise(format, 300, 700));

    expect(metadata).toMatchObject({ format: 'webp', width: 137, height: 320 });
  });

  it('is upright, and has no metadata of the image', async () => {
    const image = await sharp(await plain('jpeg', 600, 400))
      .withExif({
        IFD0: { Copyright: 'canary' },
        IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' },
      })
      .withMetadata({ orientation: 6 })
      .toBuffer();
    expect(image.includes('canary')).toBe(true);

    const { bytes, metadata } = await thumbnails.made(alice, image);

    expect(metadata).toMatchObject({ width: 213, height: 320 });
    expect([metadata.exif, metadata.icc, metadata.xmp, metadata.orientation]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(bytes.includes('canary')).toBe(false);
  });

  it('is not larger than its image', async () => {
    expect((await thumbnails.made(alice, await plain('png', 3, 2))).metadata).toMatchObject({
      width: 3,
      height: 2,
    });
  });

  it('is the first frame of a moving image', async () => {
    const { metadata } = await thumbnails.made(alice, repeatedGif(await plain('gif', 1000, 1000), 500));

    expect(metadata).toMatchObject({ width: 320, height: 320 });
    expect(metadata.pages ?? 1).toBe(1);
  });

  it('is kept by its client alone, who asks each time', async () => {
    const file = await files.upload(alice, await plain('png', 10, 10));
    const answer = await thumbnails.get(alice, file);
    const etag = answer.headers.get('etag') ?? '';
    await answer.arrayBuffer();

    expect([answer.headers.get('cache-control'), answer.headers.get('vary')]).toEqual([
      'private, no-cache',
      'Authorization',
    ]);
    for (const tags of [etag, `W/${etag}`, `"another", ${etag}`]) {
      const again = await thumbnails.get(alice, file, { 'if-none-match': tags });
      expect([again.status, (await bytesOf(again)).length, again.headers.get('etag')]).toEqual([
        304,
        0,
        etag,
      ]);
    }
    const another = await thumbnails.get(alice, file, { 'if-none-match': `"${file.id}"` });
    expect((await pictureOf(another)).metadata.width).toBe(10);
    await files.discard(alice, file);
    const gone = await thumbnails.get(alice, file, { 'if-none-match': etag });
    expect(await problemOf(gone)).toEqual([404, 'file-not-found', undefined]);
  });

  it('is for those alone who hold the whole file', async () => {
    const carol = await client.newAgent('carol');
    const file = await files.upload(carol, await plain('png', 10, 10));
    const url = `${service.url}/v1/files/${file.id}/thumbnail`;

    expect(await problemOf(await thumbnails.get(bob, file))).toEqual([404, 'file-not-found', undefined]);
    expect((await fetch(url)).status).toBe(401);
    const malformed = await client.request('/v1/files/x/thumbnail', { token: carol.token });
    expect((await problemOf(malformed)).slice(0, 2)).toEqual([422, 'invalid']);
    await service.database.dataSource.query('update file set is_whole = false where holder = $1', [
      fromBase64Url(carol.agent),
    ]);
    expect(await problemOf(await thumbnails.get(carol, file))).toEqual([404, 'file-not-found', undefined]);
  });
});

/** The processes that a process has started. */
async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

describe('a process that makes thumbnails', () => {
  it('is no loss for the service when it is killed, and the next one makes the thumbnail', async () => {
    const file = await files.upload(alice, png({ width: 7000, height: 7000 }));

    const killed = await until(async () => {
      const answer = thumbnails.get(alice, file);
      const answered = new AbortController();
      void answer.finally(() => {
        answered.abort();
      });
      while (!answered.signal.aborted) {
        for (const child of await childrenOf(service.pid)) process.kill(child, 'SIGKILL');
        await sleep(1);
      }
      expect((await answer).status).toBe(503);
      return answer;
    });

    expect(killed.headers.get('retry-after')).toBe('2');
    expect(await problemOf(killed)).toEqual([503, 'unavailable', undefined]);
    await pictureOf(await thumbnails.get(alice, file));
    expect(service.log()).toContain('thumbnail-not-made');
  });

  it('alone loads the library: the service does not', async () => {
    await thumbnails.made(alice, await plain('png', 9, 9));

    const loaded = await readFile(`/proc/${service.pid}/maps`, 'utf8');
    expect(loaded).toContain('/node');
    expect(loaded).not.toMatch(/sharp|vips/);
  });

  it('leaves nothing of files in the log', async () => {
    const file = await files.upload(
      alice,
      Buffer.concat([await plain('png', 9, 9), Buffer.from('canary-byte')]),
      {
        name: 'canary.png',
      },
    );
    await pictureOf(await thumbnails.get(alice, file));

    for (const secret of ['canary', file.id, file.key]) expect(service.log()).not.toContain(secret);
  });
});
