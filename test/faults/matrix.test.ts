import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type TestDatabase } from '@musubi/database/testing';
import { openDeliveryDatabase } from '@musubi/testing';
import { type NamedCase, casesOf } from './cases.js';
import { expectAllIsWell } from './closing-check.js';
import { FAULT_MATRIX } from './matrix.js';
import { type Mark, asWritten, tableOf } from './table.js';
import { Testbed, oneNode } from './testbed.js';

/** `<row> <strategy>`, once for each case that held. */
const held: string[] = [];

/** ✓ only where every case was run and held. */
const asRun: Mark = (row, strategy) => {
  const expected = casesOf(row).filter((one) => one.strategy === strategy).length;
  const count = held.filter((one) => one === `${row.fault} ${strategy}`).length;
  return count === expected ? asWritten(row, strategy) : `✗ ${count} of ${expected}`;
};

async function play({ strategy, bring }: NamedCase, database: TestDatabase): Promise<void> {
  const testbed = await Testbed.open(strategy, oneNode(database));
  try {
    await bring(testbed);
    await expectAllIsWell(testbed);
  } finally {
    await testbed.close();
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
