import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Agent, Client } from './support/client.js';
import { problemOf } from './support/file-client.js';
import {
  FORMATS,
  canvasWebp,
  jpegSizePlace,
  noise,
  noiseBytes,
  plain,
  png,
  repeatedGif,
  resized,
} from './support/images.js';
import { type TestService, openService } from './support/open-service.js';
import { ThumbnailClient, pictureOf } from './support/thumbnail-client.js';

let service: TestService;
let thumbnails: ThumbnailClient;
let alice: Agent;

beforeAll(async () => {
  service = await openService();
  const client = new Client(service.url);
  thumbnails = new ThumbnailClient(client);
  alice = await client.newAgent('alice');
});

afterAll(() => service.close());

describe('what is no image of the four formats', () => {
  it.each([
    ['text', Buffer.from('no image')],
    ['one byte', Buffer.from([0xff])],
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
    ['a PDF', Buffer.from('%PDF-1.7\n')],
    ['a big TIFF', Buffer.from('II+\0\x08\0\0\0', 'latin1')],
    ['a HEIF', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1')],
    ['a BMP', Buffer.from('BM\x3a\0\0\0', 'latin1')],
    ['a sound', Buffer.from('RIFF\x24\0\0\0WAVEfmt ', 'latin1')],
  ])('has no thumbnail: %s', async (_, bytes) => {
    expect(await thumbnails.refusal(alice, bytes)).toEqual([422, 'not-an-image']);
  });

  it('is read by no other loader after an honest beginning', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';
    for (const start of ['\x89PNG\r\n\x1a\n', 'GIF89a', '\xff\xd8\xff', 'RIFF\0\0\0\0WEBPVP8 '])
      expect(await thumbnails.refusal(alice, Buffer.from(start.padEnd(64, '\0') + svg, 'latin1'))).toEqual([
        422,
        'image-damaged',
      ]);
  });
});

describe('an image that is too large', () => {
  it.each([
    ['a PNG', () => png({ width: 100_000, height: 100_000, bytes: 1000 })],
    ['a PNG of 2^62 pixels', () => png({ width: 2 ** 31 - 1, height: 2 ** 31 - 1, bytes: 1000 })],
    ['a GIF', async () => resized(await plain('gif', 9, 9), (gif) => gif.writeUInt32LE(0xffffffff, 6))],
    [
      'a moving GIF',
      async () =>
        resized(repeatedGif(await plain('gif', 9, 9), 9), (gif) => gif.writeUInt32LE(0xffffffff, 6)),
    ],
    ['a WebP', async () => resized(await plain('webp', 9, 9), (webp) => webp.writeUInt32LE(0x3fff3fff, 26))],
    ['a WebP with a canvas', async () => canvasWebp(await plain('webp', 9, 9), 2 ** 24 - 1, 2 ** 24 - 1)],
    [
      'a JPEG',
      async () =>
        resized(await plain('jpeg', 9, 9), (jpeg) => jpeg.writeUInt32BE(0xffdcffdc, jpegSizePlace(jpeg))),
    ],
  ])('is refused by its header: %s', async (_, image) => {
    expect(await thumbnails.refusal(alice, await image())).toEqual([422, 'image-too-large']);
  });

  it('is made small when it is within bounds, however little its bytes are', async () => {
    const image = png({ width: 6000, height: 6000 });
    expect(image.length).toBeLessThan(50_000);

    expect((await thumbnails.made(alice, image)).metadata).toMatchObject({ width: 320, height: 320 });
  });

  it('does not make its metadata large', async () => {
    const bomb = deflateSync(Buffer.alloc(2 ** 26));
    const profile = Buffer.concat([Buffer.from('profile\0\0', 'latin1'), bomb]);
    const text = Buffer.concat([Buffer.from('text\0\0', 'latin1'), bomb]);
    const image = png({
      width: 9,
      height: 9,
      extra: [
        ['iCCP', profile],
        ['zTXt', text],
      ],
    });

    expect((await thumbnails.made(alice, image)).metadata).toMatchObject({ width: 9, height: 9 });
  });
});

describe('an image that is damaged', () => {
  it.each(FORMATS)('has no thumbnail: a %s that ends in the middle', async (format) => {
    const image = await noise(format, 400, 400);
    expect(await thumbnails.refusal(alice, image.subarray(0, image.length / 2))).toEqual([
      422,
      'image-damaged',
    ]);
    expect(await thumbnails.refusal(alice, image.subarray(0, 30))).toEqual([422, 'image-damaged']);
  });

  it('is no trouble, though noise may be a picture in some formats', async () => {
    for (const format of FORMATS) {
      const image = await noise(format, 400, 400);
      const file = await thumbnails.files.upload(
        alice,
        Buffer.concat([image.subarray(0, 200), noiseBytes(image.length)]),
      );
      const answer = await thumbnails.get(alice, file);
      if (answer.status === 200) await pictureOf(answer);
      else expect(await problemOf(answer)).toEqual([422, 'image-damaged', undefined]);
    }
  });
});
