import { type Needle, NeedleFinder } from './needle-finder.js';

/** How a text was written down. */
export type Spelling = 'utf8' | 'utf16' | 'hex' | 'base64';

/** A planted text, and how it was found written down. */
export interface SpeltText {
  readonly text: string;
  readonly by: Spelling;
}

/**
 * Finds texts that were planted in messages in what is stored, however they were written down. They should have some
 * 8 characters or more. @throws RangeError for one of fewer than 4
 */
export function canaryFinder(texts: readonly string[]): NeedleFinder<SpeltText> {
  return new NeedleFinder(texts.flatMap(spellingsOf));
}

/** Each once: base64 and base64url differ only where there is a + or a /, upper and lower case only in letters. */
function spellingsOf(text: string): readonly Needle<SpeltText>[] {
  const utf8 = Buffer.from(text);
  const hex = utf8.toString('hex');
  const spelt = (by: Spelling, bytes: Buffer): Needle<SpeltText> => ({ of: { text, by }, bytes });
  const all = [
    spelt('utf8', utf8),
    spelt('utf16', Buffer.from(text, 'utf16le')),
    spelt('hex', Buffer.from(hex)),
    spelt('hex', Buffer.from(hex.toUpperCase())),
    ...base64Of(utf8).map((bytes) => spelt('base64', bytes)),
  ];
  return all.filter(({ bytes }, at) => all.findIndex((one) => one.bytes.equals(bytes)) === at);
}

/**
 * Base64 spells bytes in threes, so that a text within other bytes is spelt in three ways. The characters at either
 * end depend on its neighbours, and are left off.
 */
function base64Of(utf8: Buffer): readonly Buffer[] {
  return [0, 1, 2].flatMap((before) => {
    const bits = 8 * utf8.length;
    const first = Math.ceil((8 * before) / 6);
    const last = Math.floor((8 * before + bits) / 6);
    const padded = Buffer.concat([Buffer.alloc(before), utf8, Buffer.alloc(2)]);
    return (['base64', 'base64url'] as const).map((alphabet) => {
      const own = padded.toString(alphabet).slice(first, last);
      return Buffer.from(own);
    });
  });
}
