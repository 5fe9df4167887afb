import { crc32, deflateSync } from 'node:zlib';
import { type ContactCard, cardMatrix, cardSvg, formatCard } from '@musubi/membership';

/** A card in one of the forms in which it can be asked for. */
interface FormedCard {
  readonly type: string;
  readonly content: string | Buffer;
}

export const CARD_TYPES = ['text/plain', 'image/svg+xml', 'image/png'] as const;
type CardType = (typeof CARD_TYPES)[number];

const FORMS: Readonly<Record<CardType, (card: ContactCard) => FormedCard>> = {
  'text/plain': (card) => ({ type: 'text/plain; charset=utf-8', content: `${formatCard(card)}\n` }),
  'image/svg+xml': (card) => ({ type: 'image/svg+xml', content: cardSvg(card) }),
  'image/png': (card) => ({ type: 'image/png', content: pngOf(cardMatrix(card)) }),
};

/** The first of the types that `Accept` likes best; text where it likes none, or says nothing. */
export function formCard(card: ContactCard, accept = ''): FormedCard {
  const liked = accept.split(',').map(rangeOf);
  const weightOf = (type: CardType): number =>
    Math.max(0, ...liked.filter(({ name }) => covers(name, type)).map(({ weight }) => weight));
  const best = CARD_TYPES.reduce((first, type) => (weightOf(type) > weightOf(first) ? type : first));
  return FORMS[best](card);
}

/** RFC 9110, 12.5.1. */
function rangeOf(text: string): { readonly name: string; readonly weight: number } {
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1';
  return { name, weight: Number(weight) || 0 };
}

function covers(range: string, type: CardType): boolean {
  return range === '*/*' || range === type || range === type.replace(/\/.*/, '/*');
}

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
/** Of one module. */
const PIXELS = 6;
const BITS = 8;

/** PNG (ISO/IEC 15948) with one bit a pixel, in shades of grey. */
function pngOf(matrix: readonly (readonly boolean[])[]): Buffer {
  const size = matrix.length * PIXELS;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header[8] = 1;
  const lines = matrix.flatMap((row) => Array<Buffer>(PIXELS).fill(lineOf(row)));
  return Buffer.concat([
    SIGNATURE,
    chunkOf('IHDR', header),
    chunkOf('IDAT', deflateSync(Buffer.concat(lines))),
    chunkOf('IEND', Buffer.alloc(0)),
  ]);
}

/** Its filter, none, and its pixels; dark ones are 0. */
function lineOf(row: readonly boolean[]): Buffer {
  const line = Buffer.alloc(1 + Math.ceil((row.length * PIXELS) / BITS));
  for (let pixel = 0; pixel < row.length * PIXELS; pixel += 1) {
    if (row[Math.floor(pixel / PIXELS)] === true) continue;
    const at = 1 + Math.floor(pixel / BITS);
    line[at] = (line[at] ?? 0) | (0x80 >> (pixel % BITS));
  }
  return line;
}

function chunkOf(name: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), content]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}
