/** As many as the largest pictures of most telephones have. A larger one may need more memory than there is for one. */
export const MAX_PIXELS = 8192 * 6144;

/** So many bytes of a file say what it is. */
export const HEADER_BYTES = 32;

interface Format {
  /** Bytes that it has, by their place. */
  readonly marks: Readonly<Record<number, string>>;
  /** `null` when that stands further on. */
  pixels(header: Buffer): number | null;
}

const gifPixels = (header: Buffer): number => header.readUInt16LE(6) * header.readUInt16LE(8);

const FORMATS: readonly Format[] = [
  { marks: { 0: '\xff\xd8\xff' }, pixels: () => null },
  {
    marks: { 0: '\x89PNG\r\n\x1a\n' },
    pixels: (header) => header.readUInt32BE(16) * header.readUInt32BE(20),
  },
  { marks: { 0: 'GIF87a' }, pixels: gifPixels },
  { marks: { 0: 'GIF89a' }, pixels: gifPixels },
  {
    marks: { 0: 'RIFF', 8: 'WEBPVP8 ' },
    pixels: (header) => (header.readUInt16LE(26) & 0x3fff) * (header.readUInt16LE(28) & 0x3fff),
  },
  {
    marks: { 0: 'RIFF', 8: 'WEBPVP8L' },
    pixels: (header) => {
      const bits = header.readUInt32LE(21);
      return ((bits & 0x3fff) + 1) * (((bits >>> 14) & 0x3fff) + 1);
    },
  },
  {
    marks: { 0: 'RIFF', 8: 'WEBPVP8X' },
    pixels: (header) => (header.readUIntLE(24, 3) + 1) * (header.readUIntLE(27, 3) + 1),
  },
];

/** What the first bytes of an image say, whatever its name and its media type are. */
export interface ImageHeader {
  /** Absent in a JPEG's first bytes. */
  readonly pixels: number | null;
}

/** @returns `null` unless it is a JPEG, PNG, GIF or WebP */
export function imageHeaderOf(bytes: Uint8Array): ImageHeader | null {
  const header = Buffer.alloc(HEADER_BYTES);
  header.set(bytes.subarray(0, HEADER_BYTES));
  const text = header.toString('latin1');
  const isOf = ({ marks }: Format): boolean =>
    Object.entries(marks).every(([place, mark]) => text.startsWith(mark, Number(place)));
  const format = FORMATS.find(isOf);
  return format === undefined ? null : { pixels: format.pixels(header) };
}
