import { describe, expect, it } from '@jest/globals';
import { lineOf, markOf, notice, safe } from '../src/lines.js';

/** Everything below a space, DEL, and C1, which some terminals take as the beginning of a command. */
const CONTROLS = Array.from({ length: 160 }, (_, code) => String.fromCharCode(code)).filter((character) =>
  /\p{Cc}/u.test(character),
);
const SAFE = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]*$/u;

describe('words of others', () => {
  it.each(CONTROLS.map((character) => [character.charCodeAt(0), character] as const))(
    'have no control character %d',
    (_, character) => {
      expect(safe(`a${character}b`)).toMatch(SAFE);
      expect(safe(`a${character}b`)).toMatch(/^a.+b$/);
    },
  );

  it.each<[string, string]>([
    ['set the title of the terminal', '\u001B]0;owned\u0007'],
    ['put words into the clipboard', '\u001B]52;c;b3duZWQ=\u001B\\'],
    ['clear the screen', '\u001B[2J\u001B[H'],
    ['clear it in eight bits', '\u009B2J'],
    ['ask the terminal who it is', '\u001B[c'],
    ['overwrite what stands there', 'paid\rnot paid'],
    ['turn the writing around', '\u202Egnp.exe'],
    ['end the line in another way', 'one\u2028two\u2029three\u0085four'],
    ['hide words', '\u{E0041}\u{E0042}'],
    ['be half a character', '\uD83D'],
  ])('do not %s', (_, text) => {
    expect(lineOf({ sentAt: '2026-01-01T00:00:00Z', payload: { type: 'text', text } }, text)).toMatch(SAFE);
    expect(safe(text)).toMatch(SAFE);
  });

  it('keep what people write', () => {
    const text = 'Grüße, 結び, مرحبا, 👩\u200d👩\u200d👧, e\u0301';

    expect(safe(text)).toBe(text);
  });
});

describe('marks and notices', () => {
  it('have colours where they are wanted, and words where not', () => {
    expect(markOf('read', { isColoured: true })).toBe('\u001B[36m✓✓\u001B[0m');
    expect(markOf('read', { isColoured: false })).toBe('✓✓ read');
    expect(notice('The service is away.', { isColoured: false })).toBe('- The service is away.');
  });
});
