import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Correspondence, type Party, acquaint } from '../network/support/correspondence.js';
import { freePort } from '../support/free-port.js';
import { SlowRoad } from '../support/slow-road.js';
import { LinkedNode } from './support/linked-node.js';

/** Each way, so that a round trip takes 50 ms and up to 60 more. */
const SLOWNESS = { delayMs: 25, jitterMs: 30, random: () => Math.random() };

let road: SlowRoad;
let alice: Party;
let bob: Party;
let letters: Correspondence;

async function partyWith(nickname: string, settings: Readonly<Record<string, string>>): Promise<Party> {
  const node = await LinkedNode.start({ REMOTE_CALL_TIMEOUT_MS: '1000', ...settings });
  return { node, agent: await node.client.newAgent(nickname) };
}

beforeAll(async () => {
  const port = await freePort();
  road = await SlowRoad.open(SLOWNESS, port);
  // Bob's node says that it is where the road begins. Alice's is reached on links that it dials, and so by the same road.
  [alice, bob] = await Promise.all([
    partyWith('alice', { NODE_LISTEN: '', BOOTSTRAP: `tcp://127.0.0.1:${road.port}` }),
    partyWith('bob', { NODE_LISTEN: `127.0.0.1:${port}`, NODE_ADDRESS: `tcp://127.0.0.1:${road.port}` }),
  ]);
  await acquaint(alice, bob);
  letters = new Correspondence(alice, bob);
});

afterAll(async () => {
  await Promise.all([alice.node.close(), bob.node.close()]);
  await road.close();
});

it('deliver over a way that is long and uneven', async () => {
  for (let round = 0; round < 3; round += 1) await letters.write(`far away, ${round}`, 60);
  await letters.expectWhole();
});

it('deliver once what was under way when nothing arrived any more', async () => {
  road.stall();
  expect(await letters.write('into silence')).toEqual(['saved', 'saved', 'saved', 'saved']);

  road.heal();

  await letters.expectWhole();
});

it('deliver once what was under way when connections were reset', async () => {
  for (let round = 0; round < 10; round += 1) {
    const written = letters.write(`torn, ${round}`, 1);
    road.reset();
    await written;
  }
  await letters.expectWhole();
});
