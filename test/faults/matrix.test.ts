import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type TestDatabase } from '@musubi/database/testing';
import { STRATEGY_NAMES, type StrategyName } from '@musubi/messaging';
import { openPostalDatabase } from '@musubi/testing';
import { expectAllIsWell } from './closing-check.js';
import { type FaultCase, type FaultRow } from './fault-row.js';
import { FAULT_MATRIX } from './matrix.js';
import { type Mark, asWritten, tableOf } from './table.js';
import { World } from './world.js';

interface NamedCase {
  readonly strategy: StrategyName;
  readonly name: string;
  readonly bring: FaultCase;
}

function casesOf({ cells }: FaultRow): readonly NamedCase[] {
  return STRATEGY_NAMES.flatMap((strategy) => {
    const cell = cells[strategy];
    const cases = typeof cell === 'string' ? [] : Object.entries(cell);
    return cases.map(([name, bring]) => ({ strategy, name, bring }));
  });
}

/** `<row> <strategy>`, once for each case that held. */
const held: string[] = [];

/** ✓ only where every case was run and held. */
const asRun: Mark = (row, strategy) => {
  const expected = casesOf(row).filter((one) => one.strategy === strategy).length;
  const count = held.filter((one) => one === `${row.fault} ${strategy}`).length;
  return count === expected ? asWritten(row, strategy) : `✗ ${count} of ${expected}`;
};

async function play({ strategy, bring }: NamedCase, database: TestDatabase): Promise<void> {
  const world = await World.open(strategy, database);
  try {
    await bring(world);
    await expectAllIsWell(world);
  } finally {
    await world.close();
  }
}

describe.each(FAULT_MATRIX)('$fault $title', (row) => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await openPostalDatabase();
  });

  afterAll(() => database.close());

  it.each(casesOf(row))('$strategy $name', async (one) => {
    await play(one, database);
    held.push(`${row.fault} ${one.strategy}`);
  });
});

afterAll(() => {
  process.stdout.write(`\n${tableOf(FAULT_MATRIX, asRun)}\n\n`);
});
