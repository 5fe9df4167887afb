import { type PartyFigures, type Run } from './figures.js';

/** One line of the page: of one party one attack, or the strongest of several. */
export interface Line {
  readonly party: string;
  readonly attack: string;
  /** `undefined` where there was nothing to go by. */
  areaIn(run: Run): number | undefined;
  /** Whether runs of this kind look for it: an attack that a state of the lab does not have is in none of its runs. */
  isSoughtIn(runs: readonly Run[]): boolean;
  /** Why it was not tried, where that is so. */
  reasonIn(runs: readonly Run[]): string | undefined;
}

/** Those that the lab had before. */
const OF_BEFORE = [
  ...['named-together', 'shared-value', 'rare-sizes', 'heap-order', 'volume', 'equal-sizes', 'soon-after'],
  ...['statistical-disclosure', 'least-squares-disclosure'],
];
const BY_LOG = ', by commit times';

/** Everything that one look gives, whether before or now. */
const isOfOneLook = (attack: string): boolean => !/, (\d+ snapshots|polled .*)$/.test(attack);
const isOfBefore = (attack: string): boolean => OF_BEFORE.includes(attack.replace(BY_LOG, ''));

/** What the page says of these runs, line by line: the new attacks for themselves, the others by their strongest. */
export function linesOf(runs: readonly Run[]): readonly Line[] {
  const volume: Line = {
    party: 'volume prior',
    attack: 'messages of each agent',
    areaIn: (run) => run.volume,
    isSoughtIn: () => true,
    reasonIn: () => undefined,
  };
  return [volume, ...partiesIn(runs).flatMap((party) => linesOfParty(runs, party))];
}

function partiesIn(runs: readonly Run[]): readonly string[] {
  return [...new Set(runs.flatMap(({ parties }) => parties.map(({ observer }) => observer)))];
}

function linesOfParty(runs: readonly Run[], party: string): readonly Line[] {
  const figures = runs.flatMap(({ parties }) => parties.filter(({ observer }) => observer === party));
  const tried = figures.flatMap(({ attacks, notAttempted }) => [...attacks, ...notAttempted]);
  const names = [...new Set(tried.map(({ attack }) => attack))].filter((attack) => !isOfBefore(attack));
  return [
    {
      ...lineOf(party, 'the strongest of the attacks of before, one look', isOfBefore),
      isSoughtIn: () => true,
    },
    { ...lineOf(party, 'the strongest of all, one look', isOfOneLook), isSoughtIn: () => true },
    ...names.map((name) => lineOf(party, name, (attack) => attack === name)),
  ];
}

function lineOf(party: string, title: string, isMeant: (attack: string) => boolean): Line {
  const figuresIn = ({ parties }: Run): PartyFigures | undefined =>
    parties.find(({ observer }) => observer === party);
  return {
    party,
    attack: title,
    areaIn: (run) => {
      const areas = (figuresIn(run)?.attacks ?? [])
        .filter(({ attack }) => isMeant(attack))
        .map(({ auc }) => auc);
      return areas.length === 0 ? undefined : Math.max(...areas);
    },
    isSoughtIn: (runs) => runs.flatMap(triedIn).some(isMeant),
    reasonIn: (runs) => {
      const all = runs.flatMap((run) => figuresIn(run)?.notAttempted ?? []);
      const found = all.find(({ attack }) => isMeant(attack));
      return found === undefined ? undefined : `not attempted: ${found.reason}`;
    },
  };
}

/** By any party. */
function triedIn({ parties }: Run): readonly string[] {
  return parties.flatMap(({ attacks, notAttempted }) =>
    [...attacks, ...notAttempted].map(({ attack }) => attack),
  );
}
