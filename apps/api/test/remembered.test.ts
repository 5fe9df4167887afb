import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { randomBytes, toBase64Url } from '@musubi/crypto';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { type AgentPubKey, parseAgentPubKey } from '@musubi/messaging';
import { TokenStore } from '../src/access/token.store.js';
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

describe('a token on a database of the process', () => {
  let tokens: TokenStore;
  let token: string;

  beforeEach(async () => {
    tokens = new TokenStore(database.dataSource, { databaseUrl: undefined });
    token = await tokens.issue(agent);
  });

  it('is read once', async () => {
    expect(await tokens.agentOf(token)).toBe(agent);

    expect(await statementsOf(() => tokens.agentOf(token))).toBe(0);
    expect(await tokens.agentOf(token)).toBe(agent);
  });

  it('is good for nothing once it is revoked, also when it was being read meanwhile', async () => {
    const second = await tokens.issue(agent);
    await tokens.agentOf(token);
    await Promise.all([tokens.agentOf(second), tokens.revoke(agent, token), tokens.revoke(agent, second)]);

    expect([await tokens.agentOf(token), await tokens.agentOf(second)]).toEqual([null, null]);
  });

  it('that nobody has is looked for each time', async () => {
    const unknown = toBase64Url(randomBytes(32));
    expect(await tokens.agentOf(unknown)).toBeNull();

    expect(await statementsOf(() => tokens.agentOf(unknown))).toBe(1);
  });

  it('is looked for again when the database could not be asked', async () => {
    jest.spyOn(database.dataSource, 'query').mockRejectedValueOnce(new Error('away'));

    await expect(tokens.agentOf(token)).rejects.toThrow('away');
    expect(await tokens.agentOf(token)).toBe(agent);
  });
});

describe('a token on a database that other processes share', () => {
  it('is good for nothing once another process has revoked it', async () => {
    const [here, there] = ['here', 'there'].map(
      () => new TokenStore(database.dataSource, { databaseUrl: database.url }),
    );
    const token = await here?.issue(agent);
    expect(await here?.agentOf(token ?? '')).toBe(agent);

    await there?.revoke(agent, token ?? '');

    expect(await here?.agentOf(token ?? '')).toBeNull();
  });
});

describe('an agent of the directory', () => {
  it('is looked up once, and one that is not there each time until it is', async () => {
    const directory = new DirectoryStore(database.dataSource);
    expect(await directory.has(agent)).toBe(false);
    await directory.add({ agent, nickname: 'late' });
    expect(await directory.has(agent)).toBe(true);

    expect(await statementsOf(() => directory.has(agent))).toBe(0);
  });
});
