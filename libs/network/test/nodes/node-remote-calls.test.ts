import { beforeEach, describe, expect, it } from '@jest/globals';
import { type RemoteCallOutcome } from '@musubi/network';
import { type SimNode, SimWorld, agentFromSeed, callBetween } from './support/sim-nodes.js';

let world: SimWorld;
let here: SimNode;
let there: SimNode;

beforeEach(async () => {
  world = new SimWorld();
  [here, there] = [await world.node(1), await world.node(2)];
  world.echo(there);
});

const call = (payload?: Uint8Array): Promise<RemoteCallOutcome> =>
  world.clock.run(here.calls.call(callBetween(here, there, payload)));

describe('a call to an agent of another node', () => {
  it('brings the bytes there and the reply back', async () => {
    const payload = Uint8Array.of(9, 0, 255);
    expect(await call(payload)).toEqual({ kind: 'ok', reply: payload });
    expect(there.served).toEqual([callBetween(here, there, payload)]);
  });

  it('may carry nothing, and some 250 KiB', async () => {
    for (const size of [0, 250_000])
      expect(await call(new Uint8Array(size))).toEqual({ kind: 'ok', reply: new Uint8Array(size) });
  });

  it('is not sent when it is too large to travel', async () => {
    expect((await call(new Uint8Array(256 * 1024))).kind).toBe('not-sent');
    expect(there.served).toEqual([]);
  });

  it('is unknown when the reply is too large to travel, since the callee has committed', async () => {
    there.calls.serve('test/large', () => Promise.resolve(new Uint8Array(256 * 1024)));
    const outcome = here.calls.call({ ...callBetween(here, there), fn: 'test/large' });
    expect(await world.clock.run(outcome)).toEqual({
      kind: 'unknown',
      detail: 'the reply is too large to travel',
    });
  });

  it('is not sent under a name that is too long, or not well-formed', async () => {
    for (const fn of ['f'.repeat(257), '\ud800'])
      expect((await world.clock.run(here.calls.call({ ...callBetween(here, there), fn }))).kind).toBe(
        'not-sent',
      );
    expect((await call()).kind).toBe('ok');
  });

  it('is not sent when no address is known', async () => {
    world.book.delete(there.home.agent);
    expect(await call()).toEqual({ kind: 'not-sent', detail: 'no address of the callee is known' });
  });

  it('is not sent when the book of addresses fails', async () => {
    world.book.get = () => {
      throw new Error('the book is away');
    };
    expect((await call()).kind).toBe('not-sent');
  });

  it('is not sent when nobody answers at the address, or by a carrier that is not there', async () => {
    for (const address of ['sim://nobody', 'wss://example.org', 'no address']) {
      world.book.set(there.home.agent, { ...there.place, addresses: [address] });
      expect((await call()).kind).toBe('not-sent');
    }
    expect(there.served).toEqual([]);
  });

  it('is not sent when another node answers', async () => {
    world.book.set(there.home.agent, { ...there.place, addresses: (await world.node(3)).place.addresses });
    expect((await call()).kind).toBe('not-sent');
    expect(here.links.refusals.countOf('wrong-node')).toBe(1);
  });

  it('is sent by one address of several, without waiting for the others', async () => {
    world.network.sever({ from: here.name, to: 'away' });
    const addresses = ['sim://away', 'sim://nobody', ...there.place.addresses];
    world.book.set(there.home.agent, { ...there.place, addresses });
    expect((await call()).kind).toBe('ok');
    expect(world.clock.elapsedMs).toBeLessThan(1000);
  });

  it('is not sent when its agent is locked', async () => {
    here.unlocked.clear();
    expect(await call()).toEqual({ kind: 'not-sent', detail: 'the caller is offline' });
    expect(there.served).toEqual([]);
  });

  it('is not sent, and counted, when the callee lives elsewhere', async () => {
    const elsewhere = agentFromSeed(77).agent;
    world.book.set(elsewhere, there.place);
    const outcome = here.calls.call({ ...callBetween(here, there), to: elsewhere });
    expect((await world.clock.run(outcome)).kind).toBe('not-sent');
    expect([there.served, there.links.refusals.countOf('absent-callee')]).toEqual([[], 1]);
  });

  it('stays on this node when the book says that the callee is here', async () => {
    world.book.set(there.home.agent, here.place);
    expect((await call()).kind).toBe('not-sent');
    expect(here.links.isLinked(there.identity.key)).toBe(false);
  });

  it('shares one link with all others, both ways', async () => {
    world.echo(here);
    const calls = [
      ...Array.from({ length: 30 }, () => here.calls.call(callBetween(here, there))),
      ...Array.from({ length: 30 }, () => there.calls.call(callBetween(there, here))),
    ];
    const outcomes = await world.clock.run(Promise.all(calls));
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['ok']));
    expect([here.served.length, there.served.length]).toEqual([30, 30]);
  });

  it('is unknown when no reply comes in time', async () => {
    there.calls.serve('test/silent', () => new Promise(() => undefined));
    const outcome = here.calls.call({ ...callBetween(here, there), fn: 'test/silent' });
    expect((await world.clock.run(outcome)).kind).toBe('unknown');
  });

  it('leaves nothing under way once all links are closed', async () => {
    await call();
    await world.clock.run(Promise.all([here.links.close(), there.links.close()]));
    await world.clock.advance(0);
    expect(world.clock.sleeping).toBe(0);
  });
});

describe('an agent of this node', () => {
  it('is called in process', async () => {
    world.echo(here);
    const own = { ...callBetween(here, there), to: here.home.agent };
    world.book.clear();
    expect(await here.calls.call(own)).toEqual({ kind: 'ok', reply: own.payload });
  });
});

describe('too many calls at once', () => {
  it('are refused as busy, and may be tried again', async () => {
    const replies: (() => void)[] = [];
    there.calls.serve('test/slow', ({ payload }) => {
      return new Promise((resolve) => {
        replies.push(() => {
          resolve(payload);
        });
      });
    });
    await call();
    const slow = { ...callBetween(here, there), fn: 'test/slow' };
    const all = Array.from({ length: 65 }, () => here.calls.call(slow));
    expect(await all[64]).toEqual({ kind: 'refused', code: 'busy', retryable: true });
    await world.clock.advance(1000);
    for (const reply of replies) reply();
    const outcomes = await world.clock.run(Promise.all(all));
    expect(outcomes.filter(({ kind }) => kind === 'ok')).toHaveLength(64);
    expect((await call()).kind).toBe('ok');
  });

  it('are bounded in bytes too', async () => {
    await call();
    const large = Array.from({ length: 20 }, () =>
      here.calls.call(callBetween(here, there, new Uint8Array(250_000))),
    );
    const outcomes = await world.clock.run(Promise.all(large));
    expect(outcomes.filter(({ kind }) => kind === 'refused')).toHaveLength(4);
    expect(there.served).toHaveLength(17);
  });

  it('are bounded while they wait for a link', async () => {
    const outcomes = await world.clock.run(
      Promise.all(Array.from({ length: 100 }, () => here.calls.call(callBetween(here, there)))),
    );
    expect(outcomes.filter(({ kind }) => kind === 'ok')).toHaveLength(64);
    expect(outcomes.filter(({ kind }) => kind === 'refused')).toHaveLength(36);
  });
});
