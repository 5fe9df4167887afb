import { beforeEach, describe, expect, it } from '@jest/globals';
import { AgentOfflineError } from '@musubi/messaging';
import { type RemoteCallOutcome } from '@musubi/network';
import { LINK_LIMITS, type LinkMessage, LinkRefusedError, NO_SERVICE } from '@musubi/network/nodes';
import { RawPeer } from './support/raw-peer.js';
import { FORGED, STATEMENT, ServiceNotes } from './support/service-notes.js';
import { FN, type SimNode, SimWorld, agentFromSeed, callBetween } from './support/sim-nodes.js';

const TOPIC = 'test/1';

let notes: ServiceNotes;
let world: SimWorld;
let here: SimNode;
let there: SimNode;

beforeEach(async () => {
  notes = new ServiceNotes();
  world = new SimWorld({ service: notes });
  [here, there] = [await world.node(1), await world.node(2)];
  world.echo(there);
});

const call = (fn = FN): Promise<RemoteCallOutcome> =>
  world.clock.run(here.calls.call({ ...callBetween(here, there), fn }));

describe('a statement', () => {
  it('goes with the proof, once for many calls at once, and is kept before the reply', async () => {
    const calls = Array.from({ length: 5 }, () => here.calls.call(callBetween(here, there)));
    const first = here.calls.call(callBetween(here, there)).then(() => notes.kept.length);
    const kinds = (await world.clock.run(Promise.all(calls))).map(({ kind }) => kind);
    expect([new Set(kinds), await world.clock.run(first)]).toEqual([new Set(['ok']), 1]);
    expect(notes.introduced).toEqual([
      { peer: here.identity.key, agent: here.home.agent, statement: STATEMENT },
    ]);
    expect([notes.kept, notes.judged]).toEqual([[here.home.agent], 1]);
  });

  it('is not kept of an agent whose call was refused', async () => {
    expect((await call('test/none')).kind).not.toBe('ok');
    expect([notes.introduced.length, notes.kept]).toEqual([1, []]);
    await call();
    expect(notes.kept).toEqual([here.home.agent]);
  });

  it('of an agent that is elsewhere has its calls refused as moved, and a new one is shown with the next', async () => {
    notes.away.add(here.home.agent);
    expect(await call()).toEqual({ kind: 'refused', code: 'moved', retryable: true });
    expect([there.served, there.links.refusals.all()]).toEqual([[], { 'moved-caller': 1 }]);
    notes.away.clear();
    expect((await call()).kind).toBe('ok');
    expect(notes.introduced).toHaveLength(2);
  });

  it('is judged anew when another record of the agent has come', async () => {
    await call();
    notes.away.add(here.home.agent);
    expect((await call()).kind).toBe('ok');
    there.links.reconsider(here.home.agent);
    expect(await call()).toMatchObject({ kind: 'refused', code: 'moved' });
  });

  it('that cannot be read or judged now delays calls, and ends none as done', async () => {
    notes.isBroken = true;
    expect(await call()).toEqual({ kind: 'refused', code: 'busy', retryable: true });
    expect(there.served).toEqual([]);
    notes.isBroken = false;
    expect((await call()).kind).toBe('ok');
  });

  it('that is forged closes the link before a call is served', async () => {
    const mallory = agentFromSeed(66);
    const peer = await RawPeer.dial(world, there);
    const forged = { from: mallory.agent, to: there.home.agent, fn: FN, payload: new Uint8Array() };
    peer.say({ kind: 'hello' }, peer.proof(mallory, { statement: FORGED }), {
      kind: 'call',
      id: 1,
      call: forged,
    });
    await world.clock.advance(1000);
    expect([peer.isClosed, there.links.refusals.all(), there.served, notes.kept]).toEqual([
      true,
      { 'bad-record': 1 },
      [],
      [],
    ]);
  });

  it('is in memory for 256 agents of a link at most', async () => {
    const peer = await RawPeer.dial(world, there);
    const agents = Array.from({ length: 300 }, (_, index) => agentFromSeed(1000 + index));
    peer.say({ kind: 'hello' }, ...agents.map((agent) => peer.proof(agent, { statement: Uint8Array.of(1) })));
    await world.clock.advance(1000);
    const [eldest] = agents;
    if (eldest === undefined) throw new Error('an agent');
    const late = { from: eldest.agent, to: there.home.agent, fn: FN, payload: new Uint8Array() };
    peer.say({ kind: 'call', id: 1, call: late });
    await world.clock.advance(1000);
    expect(peer.replies()).toHaveLength(1);
    expect(notes.introduced.at(-1)).toMatchObject({ agent: eldest.agent, statement: null });
  });
});

describe('a question to another node', () => {
  const ask = (payload = Uint8Array.of(1), topic = TOPIC): Promise<RemoteCallOutcome> =>
    world.clock.run(here.links.ask(there.identity.key, topic, payload));

  it('is answered over a link that there is, without any agent', async () => {
    expect((await ask()).kind).toBe('not-sent');
    expect(await world.clock.run(here.links.reach(there.place))).toBe(true);
    expect(await ask()).toEqual({ kind: 'ok', reply: Uint8Array.of(1) });
    expect(notes.asked).toEqual([{ peer: here.identity.key, topic: TOPIC, payload: Uint8Array.of(1) }]);
  });

  it('has 64 KiB at most', async () => {
    await world.clock.run(here.links.reach(there.place));
    expect((await ask(new Uint8Array(64 * 1024 + 1))).kind).toBe('not-sent');
    expect((await ask(new Uint8Array(64 * 1024))).kind).toBe('ok');
  });

  it('that breaks the rules of its topic closes the link', async () => {
    await world.clock.run(here.links.reach(there.place));
    notes.answer = () => Promise.reject(new LinkRefusedError('bad-exchange'));
    expect((await ask()).kind).toBe('unknown');
    expect(there.links.refusals.all()).toEqual({ 'bad-exchange': 1 });
  });

  it('is refused as busy beyond so many a minute, and answered in the next', async () => {
    world = new SimWorld({ service: notes, limits: { ...LINK_LIMITS, questionsPerMinute: 2 } });
    [here, there] = [await world.node(1), await world.node(2)];
    await world.clock.run(here.links.reach(there.place));
    const kinds = [(await ask()).kind, (await ask()).kind, await ask()];
    await world.clock.advance(60_000);
    expect([kinds, (await ask()).kind]).toEqual([
      ['ok', 'ok', { kind: 'refused', code: 'busy', retryable: true }],
      'ok',
    ]);
  });

  it('counts as in flight: a flood by a peer that reads nothing is cut off', async () => {
    notes.answer = () => new Promise(() => undefined);
    const peer = await RawPeer.dial(world, there);
    peer.channel.pause();
    const flood = Array.from({ length: 300 }, (_, id): LinkMessage => {
      return { kind: 'ask', id, topic: TOPIC, payload: new Uint8Array() };
    });
    peer.say({ kind: 'hello' }, ...flood);
    await world.clock.advance(3000);
    expect([peer.isClosed, there.links.refusals.countOf('flood')]).toEqual([true, 1]);
  });

  it('is not understood by a node without a service', async () => {
    world = new SimWorld({ service: NO_SERVICE });
    [here, there] = [await world.node(1), await world.node(2)];
    await world.clock.run(here.links.reach(there.place));
    expect(await ask()).toMatchObject({ kind: 'refused', code: 'unknown-topic' });
  });
});

describe('a call of an agent that is not online', () => {
  it.each([
    ['has no cell', (): void => undefined],
    [
      'goes offline meanwhile',
      (): void => {
        there.calls.serve('test/absent', () => Promise.reject(new AgentOfflineError('locked')));
      },
    ],
  ])('is told to the service of its node when it %s, with the node that called', async (_, prepare) => {
    prepare();
    expect((await call('test/absent')).kind).not.toBe('ok');
    expect(notes.absent).toEqual([[here.identity.key, there.home.agent]]);
  });

  it('is not told when the call was answered, or its caller is elsewhere', async () => {
    expect((await call()).kind).toBe('ok');
    notes.away.add(here.home.agent);
    there.links.reconsider(here.home.agent);
    expect(await call('test/absent')).toMatchObject({ kind: 'refused', code: 'moved' });
    expect(notes.absent).toEqual([]);
  });
});

describe('a node', () => {
  it('learns the key of the node that answers at an address', async () => {
    const [address = ''] = there.place.addresses;
    expect(await world.clock.run(here.links.discover(address))).toBe(there.identity.key);
    await world.clock.advance(100);
    expect([here.links.isLinked(there.identity.key), there.links.isLinked(here.identity.key)]).toEqual([
      true,
      true,
    ]);
    expect(await world.clock.run(here.links.discover('sim://nobody'))).toBeNull();
  });

  it('finds out that an address is its own, and does not link to itself', async () => {
    const [address = ''] = here.place.addresses;
    expect(await world.clock.run(here.links.discover(address))).toBe(here.identity.key);
    expect(here.links.linked()).toEqual([]);
  });

  it('hears of links, of their end, and of dials that found nobody', async () => {
    await world.clock.run(here.links.reach(there.place));
    await world.clock.advance(100);
    const both = [here.identity.key, there.identity.key].sort();
    expect([...notes.linked].sort()).toEqual(both.map((key) => `+${key}`));
    here.links.cutOff(there.identity.key, 'bad-exchange');
    await world.clock.advance(1000);
    expect(notes.linked.slice(2).sort()).toEqual(both.map((key) => `-${key}`));
    notes.linked.length = 0;
    expect(await world.clock.run(here.links.reach({ ...there.place, addresses: ['sim://nobody'] }))).toBe(
      false,
    );
    expect([notes.linked, here.links.isFailing(there.identity.key)]).toEqual([
      [`?${there.identity.key}`],
      true,
    ]);
  });

  it('hears of a link in place of one that the other side has lost: what was said meanwhile is lost', async () => {
    await world.clock.run(here.links.reach(there.place));
    await world.clock.advance(10_000);
    notes.linked.length = 0;
    world.network.cut(here.name, there.name, 'half-open');
    here.links.cutOff(there.identity.key, 'silent');
    expect(await world.clock.run(here.links.reach(there.place))).toBe(true);
    await world.clock.advance(100);
    const both = [here.identity.key, there.identity.key].sort();
    expect(notes.linked.filter((note) => note.startsWith('-'))).toEqual([`-${there.identity.key}`]);
    expect(notes.linked.slice(1).sort()).toEqual(both.map((key) => `+${key}`));
  });

  it('dials at once when that is urgent, whatever has failed before', async () => {
    world.network.sever({ from: here.name, to: there.name });
    expect(await world.clock.run(here.links.reach(there.place))).toBe(false);
    world.network.mend({ from: here.name, to: there.name });
    expect(await world.clock.run(here.links.reach(there.place))).toBe(false);
    expect(await world.clock.run(here.links.reach(there.place, { isUrgent: true }))).toBe(true);
  });
});
