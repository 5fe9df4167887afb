import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { LinkedNode } from '../nodes/support/linked-node.js';
import { slowness } from '../support/slowness.js';
import { until, untilEqual } from '../support/until.js';
import { Correspondence, type Party, acquaint } from './support/correspondence.js';
import { type Host, Topology } from './support/topology.js';

const PORT = 4040;
const ROUNDS = 8;
/** From the moment at which there is a network to the arrival of what waited for it, on a machine without other work. */
const AFTER_NETWORK_MS = 5000;
/** Waits are then some seconds: what leaves at once did not leave by luck. */
const ATTEMPTS_IN_VAIN = 3;
const ALL = ['delivered', 'delivered', 'delivered', 'delivered'];

let topology: Topology;
const nodes: LinkedNode[] = [];

beforeAll(async () => {
  topology = await Topology.open();
});

afterAll(async () => {
  await Promise.all(nodes.map((node) => node.close()));
});

const placeOf = ({ address }: Host): string => `${address}:${PORT}`;

async function partyOn(
  host: Host,
  nickname: string,
  settings: Readonly<Record<string, string>>,
): Promise<Party> {
  const node = await LinkedNode.start({ HOST: host.control, ...settings }, host.through);
  nodes.push(node);
  return { node, agent: await node.client.newAgent(nickname) };
}

/** Where the holder dials the peer. */
async function addressesOf({ node, agent }: Party, peer: Party): Promise<readonly string[]> {
  const answer = await node.client.request(`/v1/contacts/${peer.agent.agent}`, { token: agent.token });
  return z.object({ addresses: z.array(z.string()) }).parse(await answer.json()).addresses;
}

describe('two nodes on one network', () => {
  let here: Host;
  let there: Host;
  let alice: Party;
  let bob: Party;
  let letters: Correspondence;

  beforeAll(async () => {
    [here, there] = [await topology.host(), await topology.host()];
    alice = await partyOn(here, 'alice', { NODE_LISTEN: placeOf(here) });
    bob = await partyOn(there, 'bob', { NODE_LISTEN: placeOf(there) });
    await acquaint(alice, bob);
    letters = new Correspondence(alice, bob);
  });

  it('deliver each way', async () => {
    expect(await letters.write('at first', 60)).toEqual(ALL);
    await letters.expectWhole();
  });

  it('keep what they cannot deliver while nothing arrives, and deliver it afterwards', async () => {
    await Promise.all([here.drop(there), there.drop(here)]);
    expect(await letters.write('while cut off', 1)).toEqual(['saved', 'saved', 'saved', 'saved']);

    await Promise.all([here.heal(), there.heal()]);

    await letters.expectWhole();
  });

  it('deliver once what one of them did not hear was delivered', async () => {
    await here.drop(there);
    expect(await letters.write('while one is deaf', 1)).toEqual(['saved', 'saved', 'saved', 'saved']);

    await here.heal();

    await letters.expectWhole();
  });

  it('deliver where a fifth of all packets is lost', async () => {
    await Promise.all([here.lose(20), there.lose(20)]);
    for (let round = 0; round < ROUNDS; round += 1) await letters.write(`through noise, ${round}`);
    await letters.expectWhole();

    await Promise.all([here.heal(), there.heal()]);
  });

  it('deliver once where connections are reset at random', async () => {
    await Promise.all([here.reset(3), there.reset(3)]);
    for (let round = 0; round < 2 * ROUNDS; round += 1) await letters.write(`through resets, ${round}`);
    await Promise.all([here.heal(), there.heal()]);

    await letters.expectWhole();
  });

  it('deliver once what a stopped process left unanswered', async () => {
    bob.node.signal('SIGSTOP');
    const sent = alice.node.client.send('source-chain', alice.agent, bob.agent, { text: 'while stopped' });
    expect((await sent).status).toBe('saved');
    bob.node.signal('SIGCONT');

    const { id } = await sent;
    const path = `/v1/strategies/source-chain/messages/${id}`;
    await untilEqual('delivered', async () => {
      const { status } = await alice.node.client.get('message', path, { token: alice.agent.token });
      return status;
    });
  });
});

describe('a node that starts without a network', () => {
  it('delivers each way within 5 s of its coming', async () => {
    const [here, there] = [await topology.host(), await topology.host()];
    await here.unplug();
    const alice = await partyOn(here, 'alice', { NODE_LISTEN: placeOf(here) });
    const bob = await partyOn(there, 'bob', { NODE_LISTEN: placeOf(there) });
    await acquaint(alice, bob);
    const letters = new Correspondence(alice, bob);
    await letters.write('before there was a network');
    await letters.untilTried(ATTEMPTS_IN_VAIN);

    await here.plugIn();
    const since = performance.now();

    await letters.expectWhole();
    expect(performance.now() - since).toBeLessThan(AFTER_NETWORK_MS * slowness());
  });
});

describe('a node behind a router', () => {
  let alice: Party;
  let carol: Party;
  let letters: Correspondence;

  beforeAll(async () => {
    const [open, behind] = [await topology.host(), await topology.hostBehindRouter()];
    alice = await partyOn(open, 'alice', { NODE_LISTEN: placeOf(open) });
    carol = await partyOn(behind, 'carol', { NODE_LISTEN: '', BOOTSTRAP: `tcp://${placeOf(open)}` });
    await acquaint(alice, carol);
    letters = new Correspondence(alice, carol);
  });

  const linked = (): Promise<unknown> =>
    untilEqual(1, async () => (await alice.node.about(alice.agent)).peers.linked);

  it('is answered on the link that it dialled', async () => {
    await linked();
    expect(await letters.write('through the router', 60)).toEqual(ALL);
    await letters.expectWhole();
  });

  it('is there again after it was killed', async () => {
    await carol.node.end('SIGKILL');
    await carol.node.startAgain('');
    await linked();
    expect(await letters.write('after the end', 60)).toEqual(ALL);
    await letters.expectWhole();
  });
});

describe('two nodes behind routers', () => {
  let carol: Party;
  let dave: Party;
  let letters: Correspondence;

  beforeAll(async () => {
    const open = await topology.host();
    const relay = await LinkedNode.start(
      { HOST: open.control, NODE_LISTEN: placeOf(open), RELAY: '1' },
      open.through,
    );
    nodes.push(relay);
    const settings = { NODE_LISTEN: '', BOOTSTRAP: `tcp://${placeOf(open)}` };
    carol = await partyOn(await topology.hostBehindRouter(), 'carol', settings);
    dave = await partyOn(await topology.hostBehindRouter(), 'dave', settings);
    // A card names a relay once its node has found one.
    await until(async () => {
      await acquaint(carol, dave);
      expect([await addressesOf(carol, dave), await addressesOf(dave, carol)].flat()).toEqual([
        expect.stringMatching(/^relay:/),
        expect.stringMatching(/^relay:/),
      ]);
    });
    letters = new Correspondence(carol, dave);
  });

  it('deliver each way through a relay', async () => {
    await letters.write('through the relay');
    await letters.expectWhole();
  });
});
