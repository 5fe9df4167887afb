import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type TestDatabase } from '@musubi/database/testing';
import { membershipDatabase } from '@musubi/membership';
import { openDeliveryDatabase } from '@musubi/testing';
import { casesBetweenNodes } from './cases.js';
import { expectAllIsWell } from './closing-check.js';
import { FAULT_MATRIX } from './matrix.js';
import { twoNodes } from './two-nodes.js';
import { Testbed } from './testbed.js';

describe.each(FAULT_MATRIX.filter((row) => casesBetweenNodes(row).length > 0))(
  '$fault $title, between two nodes',
  (row) => {
    let databases: readonly [TestDatabase, TestDatabase];

    beforeAll(async () => {
      const open = (): Promise<TestDatabase> => openDeliveryDatabase(undefined, membershipDatabase);
      databases = await Promise.all([open(), open()]);
    });

    afterAll(() => Promise.all(databases.map((database) => database.close())));

    it.each(casesBetweenNodes(row))('$strategy $name', async ({ bring, strategy }) => {
      const testbed = await Testbed.open(strategy, twoNodes(databases));
      try {
        await bring(testbed);
        await expectAllIsWell(testbed);
      } finally {
        await testbed.close();
      }
    });
  },
);
