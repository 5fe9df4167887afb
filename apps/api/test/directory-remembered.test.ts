import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { randomBytes, toBase64Url } from '@musubi/crypto';
import { commitRows } from '@musubi/database';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { type AgentPubKey, parseAgentPubKey } from '@musubi/messaging';
import { DirectoryStore } from '../src/agents/directory.store.js';
import { serviceDatabase } from '../src/node/database.js';

let database: TestDatabase;
let agent: AgentPubKey;

beforeEach(async () => {
  database = await openTestDatabase(serviceDatabase);
  agent = parseAgentPubKey(toBase64Url(randomBytes(32)));
});

afterEach(() => database.close());

/** How many statements the work takes. */
async function statementsOf(work: () => Promise<unknown>): Promise<number> {
  const query = jest.spyOn(database.dataSource, 'query');
  await work();
  const { length } = query.mock.calls;
  query.mockRestore();
  return length;
}

describe('an agent of the directory', () => {
  it('is looked up once, and one that is not there each time until it is', async () => {
    const directory = new DirectoryStore(database.dataSource);
    expect(await directory.has(agent)).toBe(false);
    await commitRows(database.dataSource, [directory.rowsOf({ agent, nickname: 'late' })]);
    expect(await directory.has(agent)).toBe(true);

    expect(await statementsOf(() => directory.has(agent))).toBe(0);
  });
});
