import { beforeEach, describe, expect, it } from '@jest/globals';
import { type RemoteCallOutcome } from '@musubi/network';
import { type SimNode, SimWorld, callBetween, isLower } from './support/sim-nodes.js';

let world: SimWorld;
let here: SimNode;
let there: SimNode;

beforeEach(async () => {
  await use(new SimWorld());
});

async function use(given: SimWorld): Promise<void> {
  world = given;
  [here, there] = [await world.node(1), await world.node(2)];
  world.echo(there);
}

const call = (): Promise<RemoteCallOutcome> => world.clock.run(here.calls.call(callBetween(here, there)));

describe('dials', () => {
  it('of both nodes at once end in one link, the one that the lower key dialled, and lose no call', async () => {
    world.echo(here);
    const outcomes = await world.clock.run(
      Promise.all([here.calls.call(callBetween(here, there)), there.calls.call(callBetween(there, here))]),
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(['ok', 'ok']);
    await world.clock.advance(1000);
    const isFromHere = isLower(here, there);
    expect(here.links.openLinksTo(there.identity.key).map(({ isDialler }) => isDialler)).toEqual([
      isFromHere,
    ]);
    expect(there.links.openLinksTo(here.identity.key).map(({ isDialler }) => isDialler)).toEqual([
      !isFromHere,
    ]);
    expect([here.links.refusals.all(), there.links.refusals.all()]).toEqual([{}, {}]);
  });

  it('of both nodes at once lose no call, whatever the delays', async () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      await use(new SimWorld({ seed, weather: { delayMs: [0, 400] } }));
      world.echo(here);
      const calls = Array.from({ length: 3 }, () => [
        here.calls.call(callBetween(here, there)),
        there.calls.call(callBetween(there, here)),
      ]);
      const kinds = (await world.clock.run(Promise.all(calls.flat()))).map(({ kind }) => kind);
      expect({ seed, kinds: [...new Set(kinds)] }).toEqual({ seed, kinds: ['ok'] });
      await world.clock.advance(10_000);
      const links = [here.links.openLinksTo(there.identity.key), there.links.openLinksTo(here.identity.key)];
      expect({ seed, links: links.map(({ length }) => length) }).toEqual({ seed, links: [1, 1] });
    }
  });

  it('pause after a failure, and longer after each', async () => {
    world.network.sever({ from: here.name, to: there.name });
    const began = world.clock.elapsedMs;
    expect((await call()).kind).toBe('not-sent');
    const failed = world.clock.elapsedMs;
    world.network.mend({ from: here.name, to: there.name });
    expect([failed - began, (await call()).kind, world.clock.elapsedMs]).toEqual([2000, 'not-sent', failed]);
    await world.clock.advance(1000);
    expect((await call()).kind).toBe('ok');
  });

  it('pause no longer than a minute', async () => {
    world.network.sever({ from: here.name, to: there.name });
    for (let hour = 0; hour < 20; hour += 1) {
      await call();
      await world.clock.advance(60_000);
    }
    world.network.mend({ from: here.name, to: there.name });
    await world.clock.advance(60_000);
    expect((await call()).kind).toBe('ok');
  });

  it('begin at once after contact from the other side, or with new addresses', async () => {
    world.network.sever({ from: here.name, to: there.name });
    await call();
    world.echo(here);
    expect((await world.clock.run(there.calls.call(callBetween(there, here)))).kind).toBe('ok');
    expect((await call()).kind).toBe('ok');

    const third = await world.node(3);
    world.echo(third);
    world.book.set(third.home.agent, { ...third.place, addresses: ['sim://old'] });
    const toThird = (): Promise<RemoteCallOutcome> =>
      world.clock.run(here.calls.call(callBetween(here, third)));
    expect((await toThird()).kind).toBe('not-sent');
    world.book.set(third.home.agent, third.place);
    expect((await toThird()).kind).toBe('ok');
  });
});

describe('a peer that stands still', () => {
  it('delays no call to the seven others', async () => {
    await use(new SimWorld());
    const peers = await Promise.all(Array.from({ length: 8 }, (_, index) => world.node(index + 10)));
    for (const peer of peers) world.echo(peer);
    const toAll = (): Promise<RemoteCallOutcome>[] =>
      peers.map((peer) => here.calls.call(callBetween(here, peer, new Uint8Array(100_000))));
    await world.clock.run(Promise.all(toAll()));
    world.network.freeze('n10');
    const before = world.clock.elapsedMs;

    const [stalled, ...others] = Array.from({ length: 10 }, toAll).reduce((all, round) =>
      all.map((one, index) => Promise.all([one, round[index]]).then(([first]) => first)),
    );
    const outcomes = await world.clock.run(Promise.all(others));

    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['ok']));
    expect(world.clock.elapsedMs - before).toBeLessThan(4000);
    expect((await world.clock.run(stalled ?? Promise.reject(new Error('none')))).kind).toBe('unknown');
  });

  it('is found out by two missed pings, and linked again when it moves', async () => {
    await call();
    world.network.freeze(there.name);
    await world.clock.advance(30_000);
    expect(here.links.isLinked(there.identity.key)).toBe(true);
    await world.clock.advance(15_000);
    expect([here.links.isLinked(there.identity.key), here.links.refusals.countOf('silent')]).toEqual([
      false,
      1,
    ]);
    world.network.thaw(there.name);
    await world.clock.advance(10_000);
    expect((await call()).kind).toBe('ok');
  });

  it('is not declared dead while it is only idle', async () => {
    await call();
    await world.clock.advance(600_000);
    expect([here.links.isLinked(there.identity.key), here.links.refusals.all()]).toEqual([true, {}]);
  });
});

describe('a node that stops', () => {
  it('lets the calls end that are under way, and begins none', async () => {
    let answer: (bytes: Uint8Array) => void = () => undefined;
    there.calls.serve('test/slow', () => new Promise((resolve) => (answer = resolve)));
    const slow = here.calls.call({ ...callBetween(here, there), fn: 'test/slow' });
    await world.clock.advance(500);

    const closed = there.links.close();
    await world.clock.advance(500);
    const late = await there.calls.call(callBetween(there, here));
    answer(Uint8Array.of(5));

    expect(await world.clock.run(slow)).toEqual({ kind: 'ok', reply: Uint8Array.of(5) });
    expect(late).toEqual({ kind: 'not-sent', detail: 'this node is stopping' });
    await world.clock.run(closed);
    expect(here.links.isLinked(there.identity.key)).toBe(false);
  });
});
