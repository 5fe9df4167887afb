import {
  type OwnedColumn,
  type OwnedTable,
  type PairTable,
  SeededRandom,
  auc,
  messagesBetween,
  rankPairs,
} from '@musubi/observers';

export interface Letter {
  readonly from: number;
  readonly to: number;
  readonly at: number;
}

/** As many pairs as there are agents, the first of which write most, at any times of a day of 1,000. */
export function lettersOf(agents: number, messages: number, seed: number): readonly Letter[] {
  const random = new SeededRandom(seed);
  const pairs = Array.from({ length: agents }, (): readonly [number, number] => {
    const a = random.below(agents);
    return [a, (a + 1 + random.below(agents - 1)) % agents];
  });
  const letters = Array.from({ length: messages }, () => {
    const [a, b] = pairs[Math.floor(pairs.length * random.float() ** 2)] ?? [0, 1];
    const at = 1000 * random.float();
    return random.below(2) === 0 ? { from: a, to: b, at } : { from: b, to: a, at };
  });
  return letters.toSorted((one, other) => one.at - other.at);
}

export interface KeptRow {
  readonly owner: number;
  readonly peer: number;
  readonly isReceived: boolean;
  readonly letter: number;
}

/** Two rows for each letter: its author's and its recipient's. */
export function keptRows(letters: readonly Letter[]): readonly KeptRow[] {
  return letters.flatMap(({ from, to }, letter) => [
    { owner: from, peer: to, isReceived: false, letter },
    { owner: to, peer: from, isReceived: true, letter },
  ]);
}

export function truthOf(agents: number, letters: readonly Letter[]): PairTable {
  return messagesBetween(agents, letters);
}

/** A table of those rows, with what columns say of them. */
export function tableOfRows(
  table: string,
  rows: readonly KeptRow[],
  columns: Readonly<Record<string, readonly [OwnedColumn['kind'], (row: KeptRow) => number]>>,
): OwnedTable {
  return {
    table,
    owners: rows.map(({ owner }) => owner),
    at: rows.map(() => undefined),
    columns: Object.entries(columns).map(([name, [kind, valueOf]]) => ({
      name,
      kind,
      values: rows.map((row) => valueOf(row)),
    })),
  };
}

export function areaOf(scores: PairTable, truth: PairTable): number {
  return auc(rankPairs(scores, truth));
}

/** The mean area when agents' names are drawn anew, so that nothing can be known: 0.5, if the attack reads no more than it is given. */
export function areaOfPermuted(letters: readonly Letter[], scores: PairTable, seed: number): number {
  const random = new SeededRandom(seed);
  const { agents } = scores;
  const areas = Array.from({ length: 60 }, () => {
    const names = permutation(agents, random);
    const renamed = letters.map(({ from, to, at }) => ({ from: names[from] ?? 0, to: names[to] ?? 0, at }));
    return areaOf(scores, truthOf(agents, renamed));
  });
  return areas.reduce((sum, area) => sum + area, 0) / areas.length;
}

function permutation(count: number, random: SeededRandom): readonly number[] {
  const names = Array.from({ length: count }, (_, name) => name);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = random.below(last + 1);
    [names[last], names[other]] = [names[other] ?? 0, names[last] ?? 0];
  }
  return names;
}
