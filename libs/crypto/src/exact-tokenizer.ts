import { type Token, Tokenizer, Type } from 'cborg';

/** UTF-8 to text, every character of it: without `ignoreBOM` a decoder drops a U+FEFF at the beginning. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** U+FEFF in UTF-8. */
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** Bytes of a string's head, by the low five bits of its first byte; one for shorter strings. */
const HEAD_BYTES: Readonly<Record<number, number>> = { 24: 2, 25: 3, 26: 5, 27: 9 };

/** cborg reads text with a decoder that drops a leading U+FEFF. This one reads such text itself. */
export class ExactTokenizer extends Tokenizer {
  constructor(bytes: Uint8Array, options: ConstructorParameters<typeof Tokenizer>[1]) {
    // A Buffer's parts would be Buffers.
    super(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), options);
  }

  override next(): Token {
    const start = this.pos();
    const token = super.next();
    if (!Type.equals(token.type, Type.string)) return token;
    const text = this.data.subarray(start + headBytes(this.data[start]), this.pos());
    // Tokens of short text are shared, but none of them is of text that begins so.
    if (BYTE_ORDER_MARK.every((byte, index) => text[index] === byte)) token.value = utf8.decode(text);
    return token;
  }
}

function headBytes(first = 0): number {
  return HEAD_BYTES[first & 0x1f] ?? 1;
}
