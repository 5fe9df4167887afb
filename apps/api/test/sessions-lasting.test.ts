import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AgentKeys, randomBytes } from '@musubi/crypto';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { type AgentPubKey } from '@musubi/messaging';
import { firstValueFrom } from 'rxjs';
import { serviceDatabase } from '../src/node/database.js';
import { MAX_SESSIONS } from '../src/sessions/session.store.js';
import { type SessionLifetimes } from '../src/config/session-lifetimes.js';
import { DAY_MS, LIFETIMES, SessionProcess } from './support/session-process.js';

let database: TestDatabase;
let now: number;
let keys: AgentKeys;
let agent: AgentPubKey;

const makeProcess = (isAlone: boolean, lifetimes: SessionLifetimes = LIFETIMES): SessionProcess =>
  new SessionProcess({ db: database.dataSource, keys, now: () => now, isAlone, lifetimes });

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

describe.each([
  ['alone', true],
  ['beside other processes', false],
])('sessions in a process %s', (_, isAlone) => {
  it('end when they were idle for long enough, and the keys are locked', async () => {
    const here = makeProcess(isAlone);
    const token = await here.signIn();
    now += 6 * DAY_MS;
    const used = await here.isGood(token);
    now += 6 * DAY_MS;
    const usedAgain = await here.isGood(token);
    now += 7 * DAY_MS;

    const idle = await here.isGood(token);
    await here.sessions.sweep();

    expect([used, usedAgain, idle, here.isUnlocked]).toEqual([true, true, false, false]);
  });

  it('end in the end, however much they are used', async () => {
    const here = makeProcess(isAlone);
    const token = await here.signIn();
    const answers: boolean[] = [];
    for (let day = 0; day < 30; day += 6) {
      answers.push(await here.isGood(token));
      now += 6 * DAY_MS;
    }

    expect([...answers, await here.isGood(token)]).toEqual([true, true, true, true, true, false]);
  });

  it('of an unattended agent do not end by themselves', async () => {
    const here = makeProcess(isAlone);
    const token = await here.begin();
    now += 10_000 * DAY_MS;
    await here.sessions.sweep();

    expect(await here.isGood(token)).toBe(true);
  });

  it('of an unattended agent end where that is configured', async () => {
    const limits = { idleMs: DAY_MS, maxMs: null };
    const here = makeProcess(isAlone, { ...LIFETIMES, unattended: limits });
    const token = await here.begin();
    now += DAY_MS;

    expect(await here.isGood(token)).toBe(false);
  });

  it('that are over are listed no more', async () => {
    const here = makeProcess(isAlone);
    await here.signIn();
    now += 7 * DAY_MS;
    await here.signIn();

    expect(await here.sessions.list(agent)).toMatchObject([{ endsAt: (now + 7 * DAY_MS) * 1000 }]);
  });

  it('are deleted once they are over', async () => {
    const here = makeProcess(isAlone);
    now -= 8 * DAY_MS;
    await here.signIn();
    now += 8 * DAY_MS;

    await here.sessions.sweep();

    expect(await database.dataSource.query('select id from access_token')).toEqual([]);
  });

  it('that a clock of the future began end no later than others once it is right', async () => {
    const here = makeProcess(isAlone);
    now += 1000 * DAY_MS;
    const token = await here.signIn();
    now -= 1000 * DAY_MS;
    await here.sessions.sweep();
    const right = await here.isGood(token);
    now += 8 * DAY_MS;

    expect([right, await here.isGood(token)]).toEqual([true, false]);
  });

  it(`are at most ${MAX_SESSIONS} an agent: the one unused for longest makes room`, async () => {
    const here = makeProcess(isAlone);
    const [first, second] = [await here.signIn(), await here.signIn()];
    now += 2 * DAY_MS;
    await here.isGood(first);
    for (let index = 2; index <= MAX_SESSIONS; index += 1) await here.signIn();

    expect([await here.isGood(first), await here.isGood(second)]).toEqual([true, false]);
    expect(await here.sessions.list(agent)).toHaveLength(MAX_SESSIONS);
  });

  it('begun while others end are good, and their agent is unlocked', async () => {
    const here = makeProcess(isAlone);
    let current = await here.signIn();
    for (let round = 0; round < 14; round += 1) {
      const [next] = await Promise.all([here.signIn(), here.signOut(current)]);
      expect([await here.isGood(next), here.isUnlocked]).toEqual([true, true]);
      current = next;
    }
  });

  it('that cannot begin leave no keys unlocked', async () => {
    const here = makeProcess(isAlone);
    jest.spyOn(database.dataSource, 'query').mockRejectedValueOnce(new Error('away'));

    await expect(here.signIn()).rejects.toThrow('away');

    expect(here.isUnlocked).toBe(false);
  });

  it('tell those who serve them that they have ended', async () => {
    const here = makeProcess(isAlone);
    const session = await here.sessions.identify(await here.signIn());
    if (session === null) throw new Error('no session');
    const ending = firstValueFrom(here.sessions.endingOf(session));

    await here.sessions.endAll(agent);

    await expect(ending).resolves.toBeUndefined();
  });
});
