import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type TestDatabase } from '@musubi/database/testing';
import { openDeliveryDatabase } from '@musubi/testing';
import { type NamedCase, casesOf } from './cases.js';
import { expectAllIsWell } from './closing-check.js';
import { FAULT_MATRIX } from './matrix.js';
import { type Mark, asWritten, tableOf } from './table.js';
import { World, oneNode } from './world.js';

/** `<row> <strategy>`, once for each case that held. */
const held: string[] = [];

/** ✓ only where every case was run and held. */
const asRun: Mark = (row, strategy) => {
  const expected = casesOf(row).filter((one) => one.strategy === strategy).length;
  const count = held.filter((one) => one === `${row.fault} ${strategy}`).length;
  return count === expected ? asWritten(row, strategy) : `✗ ${count} of ${expected}`;
};

async function play({ strategy, bring }: NamedCase, database: TestDatabase): Promise<void> {
  const world = await World.open(strategy, oneNode(database));
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
    database = await openDeliveryDatabase();
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
