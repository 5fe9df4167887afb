import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';

export const FORMATS = ['jpeg', 'png', 'webp', 'gif'] as const;
export type Format = (typeof FORMATS)[number];

/** The same in each run. */
export function noiseBytes(length: number): Buffer {
  return createHash('shake256', { outputLength: length }).update('noise').digest();
}

/** An image of noise, which no format makes small. */
export function noise(format: Format, width: number, height: number): Promise<Buffer> {
  const raw = { width, height, channels: 3 } as const;
  return sharp(noiseBytes(width * height * 3), { raw })
    .toFormat(format)
    .toBuffer();
}

/** An image of one colour, which is small in each format, however large it is. */
export function plain(format: Format, width: number, height: number, background = 'red'): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background } })
    .toFormat(format)
    .toBuffer();
}

function pngChunk(type: string, content: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}

interface PngParts {
  readonly width: number;
  readonly height: number;
  /** Before the pixels. */
  readonly extra?: readonly (readonly [type: string, content: Uint8Array])[];
  /** Of the pixels, before they are compressed. */
  readonly bytes?: number;
}

/** A PNG by hand: grey, one byte a pixel, all black; its stream is a valid one, however long it should be. */
export function png({ width, height, extra = [], bytes = (width + 1) * height }: PngParts): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    ...extra.map(([type, content]) => pngChunk(type, content)),
    pngChunk('IDAT', deflateSync(Buffer.alloc(bytes))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The image with another size in its header. */
export function resized(image: Buffer, write: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(image);
  write(copy);
  return copy;
}

/** A WebP whose canvas is one pixel larger than these two, each of which has 24 bits. */
export function canvasWebp(image: Buffer, width: number, height: number): Buffer {
  const canvas = Buffer.alloc(18);
  canvas.write('VP8X', 'latin1');
  canvas.writeUInt32LE(10, 4);
  canvas.writeUIntLE(width, 12, 3);
  canvas.writeUIntLE(height, 15, 3);
  const content = Buffer.concat([Buffer.from('WEBP'), canvas, image.subarray(12)]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(content.length);
  return Buffer.concat([Buffer.from('RIFF'), length, content]);
}

/** Its one frame, many times. */
export function repeatedGif(image: Buffer, times: number): Buffer {
  const colours = ((image[10] ?? 0) & 0x80) === 0 ? 0 : 3 * 2 ** (((image[10] ?? 0) & 7) + 1);
  const start = 13 + colours;
  const frame = image.subarray(start, -1);
  return Buffer.concat([image.subarray(0, start), ...Array<Buffer>(times).fill(frame), image.subarray(-1)]);
}

/** Where the size of a JPEG stands: height and width, two bytes each. */
export function jpegSizePlace(image: Buffer): number {
  const frame = image.indexOf(Buffer.from([0xff, 0xc0]));
  if (frame < 0) throw new Error('no baseline JPEG');
  return frame + 5;
}
