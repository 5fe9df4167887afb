import { beforeEach, describe, expect, it } from '@jest/globals';
import { type LinkMessage, type RefusalReason } from '@musubi/network/nodes';
import { RawPeer, frameOf } from './support/raw-peer.js';
import { FN, type SimNode, SimWorld, agentFromSeed, callBetween } from './support/sim-nodes.js';

const mallory = agentFromSeed(66);
const MINUTE_MS = 60_000;

let world: SimWorld;
let node: SimNode;
let peer: RawPeer;

beforeEach(async () => {
  world = new SimWorld();
  node = await world.node(1);
  world.echo(node);
  peer = await RawPeer.dial(world, node);
});

function callFrom(agent: typeof mallory, id = 1): LinkMessage {
  const call = { from: agent.agent, to: node.home.agent, fn: FN, payload: Uint8Array.of(1) };
  return { kind: 'call', id, call };
}

/** The node has closed the link for this reason, and has served nothing; others are served. */
async function expectCutOff(reason: RefusalReason): Promise<void> {
  await world.clock.advance(1000);
  expect([peer.isClosed, node.links.refusals.all(), node.served]).toEqual([true, { [reason]: 1 }, []]);
  expect(node.logged).toEqual([`link-refused {"reason":"${reason}"}`]);
  const friend = await world.node(2);
  expect((await world.clock.run(friend.calls.call(callBetween(friend, node)))).kind).toBe('ok');
}

async function outcomes(): Promise<readonly unknown[]> {
  await world.clock.advance(1000);
  return peer.replies().map((reply) => (reply.kind === 'reply' ? reply.outcome : reply));
}

describe('a peer is cut off', () => {
  const bytes: readonly [string, RefusalReason, Uint8Array][] = [
    ['plaintext', 'unknown-version', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['another version', 'unknown-version', Uint8Array.of(2)],
    ['the head of a frame that is too large', 'oversized-frame', Uint8Array.of(1, 0x04, 0x00, 0x01)],
    ['a length that no padding gives', 'unpadded-frame', Uint8Array.of(1, 0, 0, 5)],
    ['a frame without a message', 'malformed-frame', emptyFrame()],
    ['a call before anything else', 'unexpected-message', frameOf(callFrom0())],
  ];
  it.each(bytes)('that sends %s', async (_name, reason, sent) => {
    peer.write(sent);
    await expectCutOff(reason);
  });

  it.each(bytes)('that sends %s after it was accepted', async (name, reason, sent) => {
    peer.say({ kind: 'hello' });
    await world.clock.advance(1000);
    peer.write(name.startsWith('a call') ? frameOf({ kind: 'hello' }) : sent);
    await expectCutOff(reason);
  });

  it('that ends within a frame', async () => {
    peer.say({ kind: 'hello' });
    peer.write(frameOf(callFrom(mallory)).subarray(0, 100));
    peer.channel.end();
    await expectCutOff('half-frame');
  });

  it('that replies to what was never asked', async () => {
    peer.say({ kind: 'hello' }, { kind: 'reply', id: 1, outcome: { kind: 'ok', reply: Uint8Array.of(1) } });
    await expectCutOff('unexpected-message');
  });

  it('that does not answer', async () => {
    peer.say({ kind: 'hello' });
    await world.clock.advance(1000);
    peer.isPolite = false;
    await world.clock.advance(MINUTE_MS);
    await expectCutOff('silent');
  });

  it('that says nothing at all, after 2 s', async () => {
    await world.clock.advance(2100);
    expect(peer.isClosed).toBe(true);
  });

  it('that speaks under the key of the node itself', async () => {
    const carrier = world.network.carrier('mirror', node.identity.key);
    const [address = ''] = node.place.addresses;
    const target = { address, node: node.identity.key };
    await world.clock.run(carrier.dial(target, new AbortController().signal));
    expect(node.links.refusals.all()).toEqual({ 'wrong-node': 1 });
  });
});

describe('the proof of an agent', () => {
  it('lets its calls be served', async () => {
    peer.say({ kind: 'hello' }, peer.proof(mallory), callFrom(mallory));
    expect(await outcomes()).toEqual([{ kind: 'ok', reply: Uint8Array.of(1) }]);
  });

  it('is needed: without it a call is refused, and nothing is served', async () => {
    peer.say({ kind: 'hello' }, peer.proof(mallory), callFrom(agentFromSeed(67)));
    expect(await outcomes()).toEqual([{ kind: 'refused', code: 'unproven-caller', retryable: true }]);
    expect([node.served, node.links.refusals.all()]).toEqual([[], { 'unproven-caller': 1 }]);
  });

  it('of one agent is none of another', async () => {
    const proof = peer.proof(mallory);
    if (proof.kind !== 'proof') throw new Error('a proof');
    peer.say({ kind: 'hello' }, { ...proof, proof: { ...proof.proof, agent: node.home.agent } });
    await expectCutOff('bad-proof');
  });

  it('is none on another link of the same node', async () => {
    const other = await RawPeer.dial(world, node);
    peer.say({ kind: 'hello' }, peer.proof(mallory, { channel: other.channel }), callFrom(mallory));
    await expectCutOff('bad-proof');
  });

  it('is none for the other direction: a node is not fooled by its own', async () => {
    const listener = await RawPeer.listen(world, 'mirror');
    world.book.set(mallory.agent, listener.place);
    const call = { from: node.home.agent, to: mallory.agent, fn: FN, payload: new Uint8Array() };
    void node.calls.call(call);
    const mirror = await world.clock.run(listener.peer);
    mirror.say({ kind: 'hello' });
    await world.clock.advance(1000);
    const proof = mirror.heard.find(({ kind }) => kind === 'proof');
    if (proof === undefined) throw new Error('the caller has proven itself');
    mirror.say(proof);
    await world.clock.advance(1000);
    expect([mirror.isClosed, node.links.refusals.countOf('bad-proof')]).toEqual([true, 1]);
  });

  it('cannot be shown twice', async () => {
    const proof = peer.proof(mallory);
    peer.say({ kind: 'hello' }, proof, proof);
    await expectCutOff('bad-proof');
  });

  it('lapses after 10 minutes, by the clock of the node that was shown it', async () => {
    peer.say({ kind: 'hello' }, peer.proof(mallory));
    await world.clock.advance(9 * MINUTE_MS);
    peer.say(callFrom(mallory, 1));
    await world.clock.advance(1.1 * MINUTE_MS);
    peer.say(callFrom(mallory, 2));
    await world.clock.advance(1000);
    peer.say(peer.proof(mallory, { serial: 2 }), callFrom(mallory, 3));
    expect(await outcomes()).toEqual([
      { kind: 'ok', reply: Uint8Array.of(1) },
      { kind: 'refused', code: 'unproven-caller', retryable: true },
      { kind: 'ok', reply: Uint8Array.of(1) },
    ]);
  });

  it('is renewed by a node of ours before it lapses, and ends when the agent is locked', async () => {
    const friend = await world.node(2);
    const call = (): Promise<{ readonly kind: string }> =>
      world.clock.run(friend.calls.call(callBetween(friend, node)));
    const kinds = [];
    for (let minute = 0; minute < 60; minute += 4) {
      kinds.push((await call()).kind);
      await world.clock.advance(4 * MINUTE_MS);
    }
    expect([new Set(kinds), node.links.refusals.countOf('unproven-caller')]).toEqual([new Set(['ok']), 0]);
    friend.unlocked.clear();
    await world.clock.advance(6 * MINUTE_MS);
    expect((await call()).kind).toBe('not-sent');
  });
});

it('lets a peer go that has said goodbye, and serves no call that comes after it', async () => {
  peer.say({ kind: 'hello' }, peer.proof(mallory), { kind: 'bye' }, callFrom(mallory));
  await world.clock.advance(1000);
  expect([peer.isClosed, node.served, node.links.refusals.all()]).toEqual([true, [], {}]);
});

describe('a flood', () => {
  it('of calls by a peer that reads no reply gets 64 begun, some refused as busy, and is then cut off', async () => {
    let begun = 0;
    node.calls.serve('test/slow', () => {
      begun += 1;
      return new Promise(() => undefined);
    });
    const calls = Array.from({ length: 300 }, (_, id): LinkMessage => {
      const call = { from: mallory.agent, to: node.home.agent, fn: 'test/slow', payload: new Uint8Array() };
      return { kind: 'call', id, call };
    });
    peer.channel.pause();
    peer.say({ kind: 'hello' }, peer.proof(mallory), ...calls);
    await world.clock.advance(3000);
    expect([peer.isClosed, node.links.refusals.countOf('flood'), begun]).toEqual([true, 1, 64]);
    expect(node.links.refusals.countOf('busy')).toBeLessThan(300 - 64);
  });

  it('of connections from one address is refused before a handshake', async () => {
    world = new SimWorld({ limits: limited });
    node = await world.node(1);
    const dials = Array.from({ length: 4 }, () => RawPeer.dial(world, node).catch(() => null));
    const made = await Promise.all(dials);
    expect(made.filter((dialled) => dialled !== null)).toHaveLength(2);
    expect(node.links.refusals.all()).toEqual({ 'too-many-connections': 2 });
  });

  it('of dials in one minute is refused, and may go on in the next', async () => {
    world = new SimWorld({ limits: { ...limited, connectionsPerAddress: 100, dialsPerMinute: 3 } });
    node = await world.node(1);
    const dial = (): Promise<RawPeer | null> => RawPeer.dial(world, node).catch(() => null);
    const made = [await dial(), await dial(), await dial(), await dial()];
    await world.clock.advance(MINUTE_MS);
    expect([made.map((dialled) => dialled !== null), (await dial()) !== null]).toEqual([
      [true, true, true, false],
      true,
    ]);
  });

  it('of bytes is read more slowly, and loses nothing', async () => {
    world = new SimWorld({ limits: { ...limited, bytesPerSecond: 200_000 } });
    node = await world.node(1);
    world.echo(node);
    const friend = await world.node(2);
    const calls = Array.from({ length: 10 }, () =>
      friend.calls.call(callBetween(friend, node, new Uint8Array(50_000))),
    );
    const began = world.clock.elapsedMs;
    const kinds = (await world.clock.run(Promise.all(calls))).map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(['ok']));
    expect(world.clock.elapsedMs - began).toBeGreaterThan(1500);
  });
});

const limited = {
  connections: 100,
  connectionsPerAddress: 2,
  dialsPerMinute: 100,
  inFlight: { calls: 64, bytes: 4 * 1024 * 1024 },
  bytesPerSecond: 64 * 1024 * 1024,
  questionsPerMinute: 600,
  peers: 100,
};

function callFrom0(): LinkMessage {
  const call = { from: mallory.agent, to: mallory.agent, fn: FN, payload: new Uint8Array() };
  return { kind: 'call', id: 1, call };
}

/** Padding around nothing. */
function emptyFrame(): Uint8Array {
  const frame = Buffer.alloc(2052);
  frame.set([1, 0, 0x08, 0, 0x80]);
  return frame;
}
