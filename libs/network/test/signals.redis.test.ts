import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Signal } from '@musubi/network';
import { type TestRedis, openTestRedis } from '../../../test/support/test-redis.js';
import { until, untilEqual } from '../../../test/support/until.js';
import { type RedisProcess, openRedisProcess } from './support/redis-process.js';

const SIGNAL: Signal = { type: 'message', message: 'an id' };

let redis: TestRedis;
let secret: string;
let here: RedisProcess;
let there: RedisProcess;

beforeAll(async () => {
  redis = await openTestRedis();
});

afterAll(() => redis.close());

beforeEach(async () => {
  secret = randomUUID();
  [here, there] = [open(), open()];
  await Promise.all([here, there].map(isUp));
});

afterEach(() => {
  here.link.close();
  there.link.close();
});

function open(): RedisProcess {
  return openRedisProcess({ url: redis.url, secret });
}

const isUp = ({ link }: RedisProcess): Promise<boolean> => untilEqual(true, () => Promise.resolve(link.isUp));

/** Subscribes, and waits until Redis knows. */
async function hear(process: RedisProcess, topic = 'a'): Promise<Signal[]> {
  const heard: Signal[] = [];
  process.signals.subscribe(topic, (signal) => heard.push(signal));
  await untilEqual(true, () => Promise.resolve(process.link.hears(`signal/${topic}`)));
  return heard;
}

function untilHeard(heard: readonly unknown[], expected: readonly unknown[]): Promise<void> {
  return until(() => {
    expect(heard).toEqual(expected);
    return Promise.resolve();
  });
}

/** Waits until everything published before on that connection has arrived. */
async function pushesDelivered(): Promise<void> {
  const [first, last] = [`last ${randomUUID()}`, { type: 'last' }];
  const heard = await Promise.all([here, there].map((process) => hear(process, first)));
  here.signals.emit(first, last);
  await untilHeard(heard, [[last], [last]]);
}

describe('signals among processes', () => {
  it('reach subscribers of this process and of others, each once', async () => {
    const heard = [await hear(here), await hear(here), await hear(there)];

    here.signals.emit('a', SIGNAL);

    await pushesDelivered();
    expect(heard).toEqual([[SIGNAL], [SIGNAL], [SIGNAL]]);
  });

  it('reach nobody of another topic', async () => {
    const heard = await hear(there, 'b');

    here.signals.emit('a', SIGNAL);

    await pushesDelivered();
    expect(heard).toEqual([]);
  });

  it('are listened to only while somebody subscribes', async () => {
    const before = there.link.hears('signal/a');
    const leave = [
      there.signals.subscribe('a', () => undefined),
      there.signals.subscribe('a', () => undefined),
    ];
    await untilEqual(true, () => Promise.resolve(there.link.hears('signal/a')));

    leave[0]?.();
    leave[0]?.();
    await pushesDelivered();
    const between = there.link.hears('signal/a');
    leave[1]?.();

    await untilEqual(false, () => Promise.resolve(there.link.hears('signal/a')));
    expect([before, between]).toEqual([false, true]);
  });

  it('reach a subscriber that leaves a topic and comes back at once', async () => {
    there.signals.subscribe('a', () => undefined)();
    const heard = await hear(there);

    here.signals.emit('a', SIGNAL);

    await pushesDelivered();
    expect(heard).toEqual([SIGNAL]);
  });

  it('of a stranger who knows the channel are refused, and logged', async () => {
    const heard = await hear(there);
    const stranger = openRedisProcess({ url: redis.url, secret: 'another', names: secret });
    await isUp(stranger);

    stranger.signals.emit('a', SIGNAL);

    await untilHeard(there.logged, ['redis-frame-refused']);
    expect(heard).toEqual([]);
    stranger.link.close();
  });
});

describe('signals without Redis', () => {
  it('still reach the subscribers of this process, and throw at nobody', async () => {
    const heard = await hear(here);
    await redis.lose();

    here.signals.emit('a', SIGNAL);

    await untilHeard(heard, [SIGNAL]);
    await redis.restore();
  });

  it('are not kept for later', async () => {
    const heard = await hear(there);
    await redis.lose();
    await untilEqual(false, () => Promise.resolve(here.link.isUp || there.link.isUp));
    for (let count = 0; count < 1000; count += 1) here.signals.emit('a', SIGNAL);
    await redis.restore();
    await Promise.all([here, there].map(isUp));

    await pushesDelivered();

    expect(heard).toEqual([]);
  });

  it('come again once it is back: to old subscribers, and to those who came meanwhile', async () => {
    const old = await hear(there, 'old');
    await redis.lose();
    await untilEqual(false, () => Promise.resolve(here.link.isUp || there.link.isUp));
    const young: Signal[] = [];
    there.signals.subscribe('young', (signal) => young.push(signal));
    await redis.restore();
    await Promise.all([here, there].map(isUp));
    await untilEqual(true, () => Promise.resolve(there.link.hears('signal/young')));

    here.signals.emit('old', SIGNAL);
    here.signals.emit('young', SIGNAL);

    await pushesDelivered();
    expect([old, young]).toEqual([[SIGNAL], [SIGNAL]]);
  });

  it('are missed with one line in the log, however long it is away', async () => {
    await redis.lose();
    const late = open();
    await untilEqual(1, () => Promise.resolve(late.logged.length));
    await redis.restore();
    await isUp(late);

    expect(late.logged).toEqual(['redis-lost']);
    late.link.close();
  });
});
