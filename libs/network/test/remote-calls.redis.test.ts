import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type AgentPubKey, HeadMovedError } from '@musubi/messaging';
import { type RemoteCall } from '@musubi/network';
import { MAX_FRAME_BYTES } from '@musubi/network/redis';
import { deferred } from '../../../test/support/deferred.js';
import { type TestRedis, openTestRedis } from '../../../test/support/test-redis.js';
import { untilEqual } from '../../../test/support/until.js';
import { type RedisProcess, openRedisProcess } from './support/redis-process.js';
import { FN, alice, bob, callTo } from './support/wire.js';

const REPLY = Uint8Array.of(0, 255, 7);

let redis: TestRedis;
let here: RedisProcess;
let there: RedisProcess;
let taken: RemoteCall[];
let open: (timeoutMs?: number) => RedisProcess;

beforeAll(async () => {
  redis = await openTestRedis();
});

afterAll(() => redis.close());

/** Alice is online here, Bob there. */
beforeEach(async () => {
  const secret = randomUUID();
  open = (timeoutMs) => openRedisProcess({ url: redis.url, secret, timeoutMs });
  [here, there, taken] = [open(), open(), []];
  await Promise.all([welcome(here, alice), welcome(there, bob)]);
});

afterEach(() => {
  here.link.close();
  there.link.close();
});

/** Brings an agent online there, and waits until it can be called, and hears replies. */
async function welcome(process: RedisProcess, agent: AgentPubKey): Promise<void> {
  process.welcome(agent);
  await untilEqual(true, () => Promise.resolve(process.link.hears(`call/${agent}`)));
}

function answer(process: RedisProcess, reply: (call: RemoteCall) => Promise<Uint8Array>): void {
  process.calls.serve(FN, (call) => {
    taken.push(call);
    return reply(call);
  });
}

describe('presence among processes', () => {
  it('shows agents of each process, until they go offline', async () => {
    const agents = [alice, bob];
    expect(await here.calls.onlineAmong(agents)).toEqual(new Set(agents));
    expect(await there.calls.onlineAmong(agents)).toEqual(new Set(agents));

    there.online.delete(bob);
    there.calls.withdraw(bob);
    await untilEqual(false, () => Promise.resolve(there.link.hears(`call/${bob}`)));

    expect(await here.calls.onlineAmong(agents)).toEqual(new Set([alice]));
    expect(await here.calls.onlineAmong([])).toEqual(new Set());
  });

  it('shows agents of this process alone while Redis is away', async () => {
    here.link.close();

    expect(await here.calls.onlineAmong([alice, bob])).toEqual(new Set([alice]));
  });
});

describe('a call to an agent of another process', () => {
  it('brings the bytes there and the reply back', async () => {
    answer(there, () => Promise.resolve(REPLY));

    const outcome = await here.calls.call(callTo(bob, Uint8Array.of(1, 0, 200)));

    expect([outcome, taken]).toEqual([{ kind: 'ok', reply: REPLY }, [callTo(bob, Uint8Array.of(1, 0, 200))]]);
  });

  it('may carry nothing, and bring nothing back', async () => {
    answer(there, () => Promise.resolve(new Uint8Array()));

    const outcome = await here.calls.call(callTo(bob, new Uint8Array()));

    expect([outcome, taken]).toEqual([
      { kind: 'ok', reply: new Uint8Array() },
      [callTo(bob, new Uint8Array())],
    ]);
  });

  it('is refused with the code of the callee', async () => {
    answer(there, () => Promise.reject(new HeadMovedError('moved')));

    expect(await here.calls.call(callTo(bob))).toEqual({
      kind: 'refused',
      code: 'head-moved',
      retryable: true,
    });
  });

  it('is unknown when the callee failed as nobody designed', async () => {
    answer(there, () => Promise.reject(new Error('a secret detail')));

    const outcome = await here.calls.call(callTo(bob));

    expect(outcome.kind).toBe('unknown');
    expect(JSON.stringify(outcome)).not.toContain('secret');
  });

  it('is unknown when no reply comes in time', async () => {
    answer(there, () => new Promise(() => undefined));
    const hasty = open(400);
    await welcome(hasty, alice);

    expect((await hasty.calls.call(callTo(bob))).kind).toBe('unknown');
    hasty.link.close();
  });

  it('is not sent when nobody has the agent, or has it no more', async () => {
    there.online.delete(bob);
    there.calls.withdraw(bob);
    await untilEqual(false, () => Promise.resolve(there.link.hears(`call/${bob}`)));

    expect((await here.calls.call(callTo(bob))).kind).toBe('not-sent');
  });

  it('is not sent when it is too large to travel', async () => {
    answer(there, () => Promise.resolve(REPLY));

    const outcome = await here.calls.call(callTo(bob, new Uint8Array(MAX_FRAME_BYTES)));

    expect([outcome.kind, taken]).toEqual(['not-sent', []]);
  });

  it('is answered by one process alone when the agent is online in two', async () => {
    const third = open();
    await welcome(third, bob);
    for (const process of [there, third]) answer(process, () => Promise.resolve(REPLY));

    const outcomes = await Promise.all(Array.from({ length: 20 }, () => here.calls.call(callTo(bob))));

    expect(outcomes.map(({ kind }) => kind)).toEqual(Array.from({ length: 20 }, () => 'ok'));
    expect(taken).toHaveLength(20);
    third.link.close();
  });
});

describe('a call to an agent of this process', () => {
  it('stays in it, also when Redis is away', async () => {
    await redis.lose();
    answer(here, () => Promise.resolve(REPLY));

    const outcome = await here.calls.call({ ...callTo(alice), from: bob });

    expect(outcome).toEqual({ kind: 'ok', reply: REPLY });
    await redis.restore();
  });
});

describe('a call while Redis is lost', () => {
  it('is not sent when Redis is away before it', async () => {
    await redis.lose();
    await untilEqual(false, () => Promise.resolve(here.link.isUp));

    expect((await here.calls.call(callTo(bob))).kind).toBe('not-sent');
    await redis.restore();
  });

  it('is unknown at once when Redis is lost after it left, and the callee has committed', async () => {
    const [arrived, reply] = [deferred<null>(), deferred<Uint8Array>()];
    answer(there, () => {
      arrived.resolve(null);
      return reply.promise;
    });
    const outcome = here.calls.call(callTo(bob));
    await arrived.promise;

    await redis.lose();

    expect(await outcome).toEqual({ kind: 'unknown', detail: 'Redis was lost' });
    reply.resolve(REPLY);
    await redis.restore();
  });

  it('arrives again after it came back', async () => {
    answer(there, () => Promise.resolve(REPLY));
    await redis.lose();
    await untilEqual(false, () => Promise.resolve(here.link.isUp || there.link.isUp));
    await redis.restore();

    await untilEqual('ok', async () => (await here.calls.call(callTo(bob))).kind);
  });
});
