import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Writers, cellDatabase } from '@musubi/cell';
import { AgentKeys, randomBytes } from '@musubi/crypto';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { RecipientRefusesError } from '@musubi/messaging';
import { transact } from '@musubi/database';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase(cellDatabase, { poolSize: 2 });
});

afterAll(() => database.close());

describe.each([
  ['that is the database’s only one', true],
  ['beside others', false],
])('a process %s', (_, ownsDatabase) => {
  it('forgets what it knew at each change, whichever unlocking asked', async () => {
    const [holder, author] = [agentKeys(), agentKeys().keys.agent];
    const again = AgentKeys.fromSeed(holder.seed);
    const writers = writersOf(again, ownsDatabase);
    await writers.block(again.agent, author);
    expect(await writers.mayWrite(holder.keys, author)).toBe(false);

    await writers.unblock(again.agent, author);

    expect(await writers.mayWrite(holder.keys, author)).toBe(true);
  });

  it('lets nothing be written for an author that it has not met and that may not write', async () => {
    const [{ keys }, author, other] = [agentKeys(), agentKeys().keys.agent, agentKeys().keys.agent];
    const writers = writersOf(keys, ownsDatabase);
    await writers.block(keys.agent, author);
    const written: string[] = [];
    const accept = (name: string) => (): Promise<void> => {
      written.push(name);
      return Promise.resolve();
    };

    await expect(writers.admit(keys, author, accept('refused'))).rejects.toThrow(RecipientRefusesError);
    await writers.admit(keys, other, accept('taken'));

    expect(written).toEqual(['taken']);
  });

  it('refuses within transactions without a further connection', async () => {
    const [{ keys }, author] = [agentKeys(), agentKeys().keys.agent];
    const writers = writersOf(keys, ownsDatabase);
    await writers.block(keys.agent, author);
    expect(await writers.mayWrite(keys, author)).toBe(false);

    // All connections of the pool are taken by the transactions.
    const attempts = [1, 2].map(() =>
      transact(database.dataSource, (tx) => writers.admitWithin(tx, keys, author)),
    );

    const refused = await Promise.allSettled(attempts);
    expect(
      refused.map((one) => one.status === 'rejected' && one.reason instanceof RecipientRefusesError),
    ).toEqual([true, true]);
  });
});

function agentKeys(): { readonly seed: Uint8Array; readonly keys: AgentKeys } {
  const seed = randomBytes(32);
  return { seed, keys: AgentKeys.fromSeed(seed) };
}

function writersOf(keys: AgentKeys, ownsDatabase: boolean): Writers {
  return new Writers({ db: database.dataSource, keyring: { keysOf: () => keys }, ownsDatabase });
}
