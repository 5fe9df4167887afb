import { describe, expect, it } from '@jest/globals';
import { expectNoSchemaDrift, openTestDatabase } from '@musubi/database/testing';
import { serviceDatabase } from '../apps/api/src/node/database.js';

describe('the migrations of every package together', () => {
  it('make what the entity schemas say', async () => {
    const database = await openTestDatabase(serviceDatabase);

    await expect(expectNoSchemaDrift(database.dataSource)).resolves.toBeUndefined();

    await database.close();
  });
});
