import { type SeededRandom } from '@musubi/observers';
import { normalFrom } from '../workloads/normal.js';

/** What the next message says. Each text is another one, and begins with what can be looked for. */
export type TextOf = (index: number, from: number) => string;

export const SHORT_TEXTS: TextOf = (index, from) => `canary ${index} of agent ${from}`;

const MEDIAN_LENGTH = 40;
const SPREAD = 1.2;
/** What the service takes at most, but for some room. */
const LONGEST = 60_000;

/**
 * Texts as long as people's are: log-normal, half of them over 40 characters, some 6 % over 250, from where on padding
 * has more than one size. The distribution is our assumption.
 */
export function variedTexts(random: SeededRandom): TextOf {
  return (index, from) => {
    const length = Math.min(LONGEST, MEDIAN_LENGTH * Math.exp(SPREAD * normalFrom(random)));
    return `${SHORT_TEXTS(index, from)} `.padEnd(length, 'and so on, ');
  };
}
