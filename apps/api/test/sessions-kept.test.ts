import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AgentKeys, randomBytes, toBase64Url } from '@musubi/crypto';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { type AgentPubKey } from '@musubi/messaging';
import { firstValueFrom } from 'rxjs';
import { serviceDatabase } from '../src/node/database.js';
import { DAY_MS, SessionProcess } from './support/session-process.js';

let database: TestDatabase;
let now: number;
let keys: AgentKeys;
let agent: AgentPubKey;

const makeProcess = (isAlone: boolean): SessionProcess =>
  new SessionProcess({ db: database.dataSource, keys, now: () => now, isAlone });

beforeAll(async () => {
  database = await openTestDatabase(serviceDatabase);
});

afterAll(() => database.close());

beforeEach(() => {
  now = Date.now();
  keys = AgentKeys.fromSeed(randomBytes(32));
  ({ agent } = keys);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await database.dataSource.query('delete from access_token; delete from agent_key');
});

/** How many statements the work takes. */
async function statementsOf(work: () => Promise<unknown>): Promise<number> {
  const query = jest.spyOn(database.dataSource, 'query');
  await work();
  const { length } = query.mock.calls;
  query.mockRestore();
  return length;
}

describe('a token on a database of the process', () => {
  it('is read once', async () => {
    const here = makeProcess(true);
    const token = await here.signIn();
    expect(await here.isGood(token)).toBe(true);

    expect(await statementsOf(() => here.isGood(token))).toBe(0);
    expect(await here.isGood(token)).toBe(true);
  });

  it('is good for nothing once it is revoked, also when it was being read meanwhile', async () => {
    const here = makeProcess(true);
    const [one, other] = [await here.signIn(), await here.signIn()];
    await here.isGood(one);

    await Promise.all([here.isGood(other), here.signOut(one), here.signOut(other)]);

    expect([await here.isGood(one), await here.isGood(other)]).toEqual([false, false]);
  });

  it('that nobody has is looked for each time', async () => {
    const here = makeProcess(true);
    const unknown = toBase64Url(randomBytes(32));
    expect(await here.isGood(unknown)).toBe(false);

    expect(await statementsOf(() => here.isGood(unknown))).toBe(1);
  });

  it('is looked for again when the database could not be asked', async () => {
    const here = makeProcess(true);
    const token = await here.signIn();
    jest.spyOn(database.dataSource, 'query').mockRejectedValueOnce(new Error('away'));

    await expect(here.isGood(token)).rejects.toThrow('away');
    expect(await here.isGood(token)).toBe(true);
  });

  it('of before a restart is refused, also after signing in anew, which ends it', async () => {
    const old = await makeProcess(true).signIn();
    const here = makeProcess(true);
    const before = await here.isGood(old);

    const token = await here.signIn();

    expect([before, await here.isGood(old), await here.isGood(token)]).toEqual([false, false, true]);
    expect(await here.sessions.list(agent)).toHaveLength(1);
  });
});

describe('sessions of two processes on one database', () => {
  it('are good in the other where the agent was unlocked before they began', async () => {
    const [here, there] = [makeProcess(false), makeProcess(false)];
    const older = await here.signIn();

    const newer = await there.signIn();

    expect([await here.isGood(newer), await there.isGood(older)]).toEqual([true, false]);
  });

  it('end in both when one revokes them: the keys are locked in both', async () => {
    const [here, there] = [makeProcess(false), makeProcess(false)];
    await here.signIn();
    const token = await there.signIn();
    const session = await here.sessions.identify(token);
    if (session === null) throw new Error('no session');
    const ending = firstValueFrom(there.sessions.endingOf(session));

    await here.sessions.endAll(agent);
    const isGoodThere = await there.isGood(token);
    await there.sessions.sweep();
    await ending;

    expect([isGoodThere, here.isUnlocked, there.isUnlocked]).toEqual([false, false, false]);
  });

  it('keep the keys unlocked in each for as long as one of its own lasts', async () => {
    const [here, there] = [makeProcess(false), makeProcess(false)];
    await here.signIn();
    await there.signIn();
    now += 6 * DAY_MS;
    const fresh = await there.signIn();
    now += 6 * DAY_MS;
    await Promise.all([here.sessions.sweep(), there.sessions.sweep()]);

    expect([await here.isGood(fresh), here.isUnlocked]).toEqual([true, true]);
    await there.signOut(fresh);
    await here.sessions.sweep();
    expect([here.isUnlocked, there.isUnlocked]).toEqual([false, false]);
  });

  it('are swept by three statements, beside the question which agents are attended', async () => {
    const here = makeProcess(false);
    const session = await here.sessions.identify(await here.signIn());
    if (session === null) throw new Error('no session');
    const watching = here.sessions.endingOf(session).subscribe();

    expect(await statementsOf(() => here.sessions.sweep())).toBe(3);

    watching.unsubscribe();
  });

  it('are swept at once where one is over and another is of the future', async () => {
    const here = makeProcess(false);
    const over = await here.signIn();
    await database.dataSource.query('update access_token set used_at = $1', [(now - 8 * DAY_MS) * 1000]);
    const future = await here.signIn();
    await database.dataSource.query(
      'update access_token set used_at = used_at + 86400000000 where used_at >= $1',
      [now * 1000],
    );

    await here.sessions.sweep();

    const rows = await database.dataSource.query<unknown[]>('select used_at from access_token');
    expect(rows).toEqual([{ used_at: String(now * 1000) }]);
    expect([await here.isGood(over), await here.isGood(future)]).toEqual([false, true]);
  });
});
