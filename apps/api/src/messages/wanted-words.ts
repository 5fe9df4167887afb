const WHITE_SPACE = /\s+/u;

/** The words of a search: a text has them when each occurs in it somewhere, also within a longer word. */
export class WantedWords {
  private readonly words: readonly string[];

  constructor(text: string) {
    this.words = wordsOf(text).map(folded);
  }

  areIn(text: string): boolean {
    const within = folded(text);
    return this.words.every((word) => within.includes(word));
  }
}

/** What stands between white space. */
export function wordsOf(text: string): readonly string[] {
  return text.split(WHITE_SPACE).filter((word) => word !== '');
}

/** Letters by what they are, whatever their case, width or code points (Unicode's form NFKC). */
function folded(text: string): string {
  return text.normalize('NFKC').toUpperCase().normalize('NFKC');
}
