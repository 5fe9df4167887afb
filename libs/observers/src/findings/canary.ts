/** How a text was written down. */
export type Spelling = 'utf8' | 'utf16' | 'hex' | 'base64';

/** One way in which a text can be written down. */
export interface Needle {
  readonly spelling: Spelling;
  readonly bytes: Buffer;
}

/** All the ways in which a text of some 8 characters or more may be written down, the plainest first. */
export function needlesOf(text: string): readonly Needle[] {
  const utf8 = Buffer.from(text);
  const hex = utf8.toString('hex');
  const needles: Needle[] = [
    { spelling: 'utf8', bytes: utf8 },
    { spelling: 'utf16', bytes: Buffer.from(text, 'utf16le') },
    { spelling: 'hex', bytes: Buffer.from(hex) },
    { spelling: 'hex', bytes: Buffer.from(hex.toUpperCase()) },
    ...base64Needles(utf8),
  ];
  // Base64 and base64url differ only where there is a + or a /.
  return needles.filter(({ bytes }, at) => needles.findIndex((n) => n.bytes.equals(bytes)) === at);
}

/**
 * Base64 spells bytes in threes, so that a text within other bytes is spelt in three ways. The characters at either
 * end depend on its neighbours, and are left off.
 */
function base64Needles(utf8: Buffer): Needle[] {
  return [0, 1, 2].flatMap((before) => {
    const bits = 8 * utf8.length;
    const first = Math.ceil((8 * before) / 6);
    const last = Math.floor((8 * before + bits) / 6);
    const padded = Buffer.concat([Buffer.alloc(before), utf8, Buffer.alloc(2)]);
    return (['base64', 'base64url'] as const).map((alphabet): Needle => {
      const own = padded.toString(alphabet).slice(first, last);
      return { spelling: 'base64', bytes: Buffer.from(own) };
    });
  });
}
