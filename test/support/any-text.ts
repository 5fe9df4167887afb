import fc from 'fast-check';

/** What codecs, databases and viewers of text have stumbled over. */
const NOTORIOUS = [
  '\uFEFF',
  '\uFFFE',
  '\uFFFF',
  '\uFFFD',
  '\u0000',
  '\u001F',
  '\u007F',
  '\u0085',
  '\u00AD',
  '\u200B',
  '\u2028',
  '\u2029',
  '\u202E',
  '\uFDD0',
  '\u{1FFFE}',
  '\u{10FFFF}',
  '\u{1F600}',
  'e\u0301',
  '__proto__',
];

interface Lengths {
  readonly minLength?: number;
  readonly maxLength?: number;
}

/** Any well-formed text: every code point but surrogates, and often one that is notorious, also at the beginning. */
export function anyText({ minLength = 0, maxLength = 60 }: Lengths = {}): fc.Arbitrary<string> {
  const unit = fc.oneof(
    { weight: 3, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
    { weight: 1, arbitrary: fc.constantFrom(...NOTORIOUS) },
  );
  const rest = fc.string({ minLength, maxLength, unit });
  return fc.oneof(
    rest,
    fc.tuple(fc.constantFrom(...NOTORIOUS), rest).map((parts) => parts.join('')),
  );
}
