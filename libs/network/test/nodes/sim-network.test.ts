import { describe, expect, it } from '@jest/globals';
import { SimClock } from '@musubi/network/nodes';
import { type SimNode, SimWorld, TIMEOUT_MS, callBetween } from './support/sim-nodes.js';

async function linked(): Promise<{ world: SimWorld; one: SimNode; other: SimNode }> {
  const world = new SimWorld({ weather: { delayMs: [10, 10] } });
  const [one, other] = await world.nodes(2);
  if (one === undefined || other === undefined) throw new Error('two nodes');
  world.echo(other);
  await world.clock.run(one.calls.call(callBetween(one, other)));
  return { world, one, other };
}

describe('a connection that is cut', () => {
  it('ends a call under way as unknown at once, when both ends hear of it', async () => {
    const { world, one, other } = await linked();
    const call = one.calls.call(callBetween(one, other));
    await world.clock.advance(5);
    world.network.cut(one.name, other.name, 'reset');

    expect(await world.clock.run(call)).toMatchObject({ kind: 'unknown', detail: 'the link was cut' });
    expect(one.links.isLinked(other.identity.key)).toBe(false);
  });

  it('leaves a call under way until its time is over, when neither end hears of it', async () => {
    const { world, one, other } = await linked();
    const call = one.calls.call(callBetween(one, other));
    await world.clock.advance(5);
    const cutMs = world.clock.elapsedMs;
    world.network.cut(one.name, other.name, 'half-open');

    expect(await world.clock.run(call)).toMatchObject({ kind: 'unknown' });
    expect(world.clock.elapsedMs - cutMs).toBeCloseTo(TIMEOUT_MS - 5);
    expect(other.served).toHaveLength(1);
  });
});

describe('a process that is killed', () => {
  it('is dialled in vain, and says nothing more', async () => {
    const { world, one, other } = await linked();
    world.network.crash(other.name, 'reset');
    await world.clock.advance(100);

    expect(one.links.isLinked(other.identity.key)).toBe(false);
    expect(await world.clock.run(one.calls.call(callBetween(one, other)))).toMatchObject({
      kind: 'not-sent',
    });
    expect(await world.clock.run(other.calls.call(callBetween(other, one)))).toMatchObject({
      kind: 'not-sent',
    });
    expect(one.served).toEqual([]);
  });

  it('is missed by nobody for a while, when its machine goes dark', async () => {
    const { world, one, other } = await linked();
    world.network.crash(other.name, 'half-open');
    await world.clock.advance(100);
    expect(one.links.isLinked(other.identity.key)).toBe(true);

    await world.clock.advance(60_000);
    expect(one.links.isLinked(other.identity.key)).toBe(false);
  });
});

describe('simulated time', () => {
  it('is shared by works that run at once', async () => {
    const clock = new SimClock();
    const woken: number[] = [];
    const sleeper = async (ms: number): Promise<void> => {
      await clock.sleep(ms);
      woken.push(clock.elapsedMs);
    };
    await Promise.all([clock.run(sleeper(30)), clock.run(sleeper(10)), clock.run(sleeper(20))]);

    expect(woken).toEqual([10, 20, 30]);
  });

  it('stands still until it is quiet', async () => {
    let isBusy = true;
    const quiet = async (): Promise<void> => {
      while (isBusy) await new Promise((resolve) => setImmediate(resolve));
    };
    const clock = new SimClock(quiet);
    const ended = clock.run(clock.sleep(10));
    await new Promise((resolve) => setImmediate(resolve));
    expect(clock.elapsedMs).toBe(0);

    isBusy = false;
    await ended;
    expect(clock.elapsedMs).toBe(10);
  });

  it('ends a wait that lasts too long', async () => {
    const clock = new SimClock();
    void clock.sleep(1000);
    await expect(clock.run(clock.sleep(5000), 100)).rejects.toThrow('waited for 100 ms');
  });
});
