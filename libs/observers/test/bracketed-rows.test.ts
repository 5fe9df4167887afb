import { describe, expect, it } from '@jest/globals';
import { type OwnedTable, bracketedRowsByDay } from '@musubi/observers';

const DAY = 86_400_000_000;
const FIRST = 20_000 * DAY;
const JOIN = 1;
const ACT = 2;

/** An action: whose, its number, its day, and of which kind. */
type Row = readonly [agent: number, number: number, day: number, kind: number];

function tableOf(rows: readonly Row[]): OwnedTable {
  return {
    table: 'whatever',
    owners: rows.map(([agent]) => agent),
    at: rows.map(() => undefined),
    columns: [
      { name: 'when', kind: 'integer', values: rows.map(([, , day]) => FIRST + day * DAY) },
      { name: 'nth', kind: 'integer', values: rows.map(([, number]) => number) },
      { name: 'sort', kind: 'id', values: rows.map(([, , , kind]) => kind) },
    ],
  };
}

/** Two agents that joined with one row each. */
const joined: readonly Row[] = [
  [0, 0, 0, JOIN],
  [1, 0, 0, JOIN],
];

/** How many rows of each day an agent has. */
function daysOf(agent: number, rows: readonly Row[]): Readonly<Record<number, number>> {
  const days: Record<number, number> = {};
  for (const seen of bracketedRowsByDay([tableOf(rows)])) {
    if (seen.agent !== agent) continue;
    const day = (seen.interval - FIRST) / DAY;
    days[day] = (days[day] ?? 0) + 1;
  }
  return days;
}

describe('rows that a party does not hold', () => {
  it('are counted between those of one day that it does hold', () => {
    const rows: readonly Row[] = [...joined, [0, 2, 0, ACT], [0, 6, 0, ACT], [1, 1, 0, ACT], [1, 2, 0, ACT]];
    expect(daysOf(0, rows)).toEqual({ 0: 6 });
    expect(daysOf(1, rows)).toEqual({ 0: 2 });
  });

  it('are of the day of the nearest row in number', () => {
    const others: readonly Row[] = [1, 2, 3, 4].map((number) => [1, number, 0, ACT]);
    expect(daysOf(0, [...joined, [0, 1, 0, ACT], [0, 6, 2, ACT], ...others])).toEqual({ 0: 3, 2: 3 });
  });

  it('are none where it holds all, or rows of joining are all it lacks', () => {
    expect(
      bracketedRowsByDay([tableOf([...joined, [0, 1, 0, ACT], [0, 2, 0, ACT], [1, 1, 0, ACT]])]),
    ).toEqual([]);
    const others: readonly Row[] = [
      [2, 1, 0, ACT],
      [2, 2, 0, ACT],
      [1, 1, 0, ACT],
      [1, 2, 0, ACT],
    ];
    expect(bracketedRowsByDay([tableOf([...joined, ...others])])).toEqual([]);
  });

  it('are not guessed from numbers that are no sequence, or without coarse times', () => {
    const twice: readonly Row[] = [...joined, [0, 4, 0, ACT], [0, 4, 0, ACT], [1, 1, 0, ACT], [1, 2, 0, ACT]];
    const far = [...joined, [0, 5000, 0, ACT], [0, 9000, 0, ACT], [1, 1, 0, ACT]] as const;
    const exact: readonly Row[] = [
      [0, 1, 0, ACT],
      [0, 5, 1, ACT],
      [1, 1, 2, ACT],
      [1, 2, 3, ACT],
    ];
    expect([twice, far, exact].map((rows) => bracketedRowsByDay([tableOf(rows)]))).toEqual([[], [], []]);
  });
});
