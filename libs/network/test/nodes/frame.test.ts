import { describe, expect, it } from '@jest/globals';
import { paddedLength } from '@musubi/crypto';
import {
  FRAME_VERSION,
  FrameReader,
  HEAD_BYTES,
  LinkRefusedError,
  MAX_BODY_BYTES,
  type RefusalReason,
  SMALLEST_BODY_BYTES,
  encodeFrame,
} from '@musubi/network/nodes';
import fc from 'fast-check';

interface Read {
  readonly contents: readonly string[];
  readonly refusal: RefusalReason | null;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** What a reader makes of the chunks, and whether the stream may end there. */
function read(chunks: readonly Uint8Array[]): Read {
  const contents: string[] = [];
  const reader = new FrameReader((content) => contents.push(hex(content)));
  try {
    for (const chunk of chunks) reader.push(chunk);
    reader.end();
    return { contents, refusal: null };
  } catch (error) {
    if (!(error instanceof LinkRefusedError)) throw error;
    return { contents, refusal: error.reason };
  }
}

/** @param cuts where to split, each as a share of the length */
function split(bytes: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] {
  const ends = [...cuts.map((share) => Math.floor(share * bytes.length)), bytes.length].toSorted(
    (one, next) => one - next,
  );
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

function head(version: number, length: number): Uint8Array {
  const bytes = Buffer.alloc(HEAD_BYTES);
  bytes.writeUInt8(version, 0);
  bytes.writeUIntBE(length, 1, 3);
  return bytes;
}

function frameOf(content: Uint8Array): Uint8Array {
  const frame = encodeFrame(content);
  if (frame === null) throw new Error('the content fits in a frame');
  return frame;
}

const contents = (): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength: 5000, size: 'max' });
const cuts = (): fc.Arbitrary<number[]> =>
  fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 });

describe('frames', () => {
  it('bring back their contents, however the stream is split', () => {
    fc.assert(
      fc.property(fc.array(contents(), { maxLength: 6 }), cuts(), (all, at) => {
        const stream = Buffer.concat(all.map(frameOf));
        expect(read(split(stream, at))).toEqual({ contents: all.map(hex), refusal: null });
      }),
    );
  });

  it('come byte by byte as well', () => {
    const content = new Uint8Array(3000).fill(7);
    const bytes = [...frameOf(content), ...frameOf(Uint8Array.of(1))].map((byte) => Uint8Array.of(byte));
    expect(read(bytes).contents).toEqual([hex(content), '01']);
  });

  it('are refused alike however any bytes are split', () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      contents().map(frameOf),
      fc.tuple(fc.nat(3), fc.nat(2 ** 24 - 1)).map(([version, length]) => head(version, length)),
    );
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 5 }), cuts(), (parts, at) => {
        const stream = Buffer.concat(parts);
        expect(read(split(stream, at))).toEqual(read([stream]));
      }),
    );
  });

  it('show no more of a length than its size class', () => {
    const lengths = [0, 1, 500, SMALLEST_BODY_BYTES - 1].map((size) => frameOf(new Uint8Array(size)).length);
    expect(new Set(lengths)).toEqual(new Set([HEAD_BYTES + SMALLEST_BODY_BYTES]));
    expect(frameOf(new Uint8Array(100_000)).length).toBe(
      HEAD_BYTES + paddedLength(100_000, SMALLEST_BODY_BYTES),
    );
  });

  it('carry up to a byte less than 256 KiB', () => {
    const largest = new Uint8Array(MAX_BODY_BYTES - 1);
    expect(read([frameOf(largest)]).contents).toEqual([hex(largest)]);
    expect(encodeFrame(new Uint8Array(MAX_BODY_BYTES))).toBeNull();
  });
});

describe('a head is refused before a body', () => {
  const cases: readonly [string, Uint8Array, RefusalReason][] = [
    ['of another version', Uint8Array.of(FRAME_VERSION + 1), 'unknown-version'],
    ['of a TLS record in plain', Uint8Array.of(0x16), 'unknown-version'],
    ['of an HTTP request', Buffer.from('G'), 'unknown-version'],
    ['with more than 256 KiB', head(FRAME_VERSION, MAX_BODY_BYTES + 1), 'oversized-frame'],
    ['with the longest length', head(FRAME_VERSION, 2 ** 24 - 1), 'oversized-frame'],
    ['with less than the smallest class', head(FRAME_VERSION, SMALLEST_BODY_BYTES - 1), 'unpadded-frame'],
    ['without a body', head(FRAME_VERSION, 0), 'unpadded-frame'],
    ['between two classes', head(FRAME_VERSION, SMALLEST_BODY_BYTES + 1), 'unpadded-frame'],
  ];
  it.each(cases)('%s', (_name, bytes, reason) => {
    const reader = new FrameReader(() => undefined);
    expect(() => {
      reader.push(bytes);
    }).toThrow(new LinkRefusedError(reason));
  });
});

describe('a body', () => {
  it('is refused when it ends early', () => {
    const frame = frameOf(Uint8Array.of(1));
    for (const end of [1, HEAD_BYTES, HEAD_BYTES + 1, frame.length - 1])
      expect(read([frame.subarray(0, end)])).toEqual({ contents: [], refusal: 'half-frame' });
  });

  it('is refused with padding that is not ours', () => {
    const zeros = Buffer.concat([
      head(FRAME_VERSION, SMALLEST_BODY_BYTES),
      new Uint8Array(SMALLEST_BODY_BYTES),
    ]);
    expect(read([zeros]).refusal).toBe('unpadded-frame');
  });

  it('in a larger class than it needs is refused', () => {
    const length = paddedLength(SMALLEST_BODY_BYTES, SMALLEST_BODY_BYTES);
    const body = new Uint8Array(length);
    body[0] = 0x80;
    expect(read([head(FRAME_VERSION, length), body]).refusal).toBe('unpadded-frame');
  });
});
