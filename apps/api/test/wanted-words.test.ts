import { describe, expect, it } from '@jest/globals';
import { WantedWords } from '../src/messages/wanted-words.js';

const LETTERS = 131_072;
/** The least of three, in milliseconds: other work on the machine only adds to it. */
function timeOf(work: () => unknown): number {
  const times = Array.from({ length: 3 }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return Math.min(...times);
}

/** So many pairs of marks, which Unicode sorts, on each letter. */
function text(pair: string, pairs: number): string {
  const one = `a${pair.repeat(pairs)}`;
  return one.repeat(Math.ceil(LETTERS / one.length));
}

describe.each([
  ['marks', '\u0301\u0323'],
  ['letters that become marks', '\uff9e\u0323'],
])('words in a text with long runs of %s', (_what, pair) => {
  it('are looked for in about the time that short runs take', () => {
    const words = new WantedWords('umbrella');
    const short = timeOf(() => words.areIn(text(pair, 10)));

    expect(timeOf(() => words.areIn(text(pair, LETTERS / 2)))).toBeLessThan(20 * short);
  });

  it('are found before, after and within a run', () => {
    const long = `blue ${text(pair, LETTERS / 2)} Umbrella`;

    expect(new WantedWords('UMBRELLA blue').areIn(long)).toBe(true);
    expect(new WantedWords(`A${pair.repeat(15)}`).areIn(long)).toBe(true);
    expect(new WantedWords('green').areIn(long)).toBe(false);
  });
});

it('finds a letter with its marks in any order', () => {
  expect(new WantedWords('a\u0301\u0323').areIn('\u1ea1\u0301')).toBe(true);
});
