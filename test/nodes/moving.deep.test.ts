import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Agent, type MessageJson } from '../../apps/api/test/support/client.js';
import { untilEqual } from '../support/until.js';
import { LinkedNode } from './support/linked-node.js';
import { PASSPHRASE, beginImport, bytesOf, exportOf, importTo, problemIn } from './support/moving.js';

const PLACEMENTS = ['source-chain', 'pairwise-dht'] as const;
const AT_ONCE = { headers: { prefer: 'respond-async' } } as const;

let from: LinkedNode;
let to: LinkedNode;
let elsewhere: LinkedNode;
let bob: Agent;

beforeAll(async () => {
  from = await LinkedNode.start();
  // However often a test asks whether a place is free.
  to = await LinkedNode.start({ SIGN_INS_PER_MINUTE: '100000' });
  elsewhere = await LinkedNode.start();
  bob = await elsewhere.client.newAgent('bob');
});

afterAll(async () => {
  await Promise.all([from.close(), to.close(), elsewhere.close()]);
});

/** An agent of the old home that has taken bob's card, and bob its. */
async function acquainted(name: string): Promise<Agent> {
  const agent = await from.client.newAgent(name, PASSPHRASE);
  await from.take(agent, bob.agent, await elsewhere.cardOf(bob));
  await elsewhere.take(bob, agent.agent, await from.cardOf(agent));
  return agent;
}

async function allOf(node: LinkedNode, { token }: Agent, peer: string): Promise<readonly MessageJson[]> {
  const found: MessageJson[] = [];
  for (const strategy of PLACEMENTS) {
    let before = '';
    do {
      const path = `/v1/strategies/${strategy}/messages?with=${peer}&limit=200${before}`;
      const { items, next } = await node.client.get('messages', path, { token });
      found.push(...items);
      before = next === null ? '' : `&before=${next}`;
    } while (before !== '');
  }
  return found;
}

/** Sends one message after another wherever the agent lives, and notes which were taken, and when. */
class Sender {
  readonly acknowledged: { readonly id: string; readonly at: number }[] = [];
  readonly refusals: unknown[] = [];
  private isOver = false;
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    private home: { readonly node: LinkedNode; readonly agent: Agent },
    private readonly peer: Agent,
  ) {}

  start(): this {
    this.running = Promise.all(PLACEMENTS.map((strategy) => this.run(strategy)));
    return this;
  }

  moveTo(node: LinkedNode, agent: Agent): void {
    this.home = { node, agent };
  }

  /** Resolves when so many more were taken. */
  async sends(count: number): Promise<void> {
    const wanted = this.acknowledged.length + count;
    await untilEqual(true, () => Promise.resolve(this.acknowledged.length >= wanted));
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.running;
  }

  private async run(strategy: string): Promise<void> {
    for (let count = 0; !this.isOver; count += 1) {
      const { agent, node } = this.home;
      const body = { to: this.peer.agent, payload: { type: 'text', text: `${strategy} ${count}` } };
      const path = `/v1/strategies/${strategy}/messages`;
      const answer = await node.client.request(path, { token: agent.token, body, ...AT_ONCE });
      const said = (await answer.json()) as { readonly id: string };
      if (answer.status === 201) this.acknowledged.push({ id: said.id, at: performance.now() });
      else this.refusals.push(said);
      // As a client does that has been told to go elsewhere.
      if (answer.status !== 201) await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

describe('an agent that moves under load', () => {
  it('loses and doubles nothing, and its old home says where it lives', async () => {
    const alice = await acquainted('alice');
    const outwards = new Sender({ node: from, agent: alice }, bob).start();
    const inwards = new Sender({ node: elsewhere, agent: bob }, alice).start();
    await Promise.all([outwards.sends(20), inwards.sends(20)]);

    const exported = await exportOf(from, alice);
    const imported = await importTo(to, alice, exported.body);
    expect([exported.status, imported.status]).toEqual([200, 201]);
    const moved = (await imported.json()) as Agent;
    outwards.moveTo(to, moved);
    await Promise.all([outwards.sends(10), inwards.sends(10)]);
    await Promise.all([outwards.stop(), inwards.stop()]);

    const times = outwards.acknowledged.map(({ at }) => at);
    const gap = Math.max(...times.slice(1).map((at, index) => at - (times[index] ?? at)));
    process.stdout.write(`without writes for ${Math.round(gap)} ms, ${times.length} messages\n`);
    const sent = [...outwards.acknowledged, ...inwards.acknowledged].map(({ id }) => id).sort();
    const areThere = async (node: LinkedNode, agent: Agent, peer: string): Promise<boolean> => {
      const all = await allOf(node, agent, peer);
      return all.length >= sent.length && all.every(({ status }) => status === 'delivered');
    };
    await untilEqual(true, () => areThere(elsewhere, bob, moved.agent));
    await untilEqual(true, () => areThere(to, moved, bob.agent));
    for (const [node, agent, peer] of [
      [to, moved, bob.agent],
      [elsewhere, bob, moved.agent],
    ] as const) {
      expect((await allOf(node, agent, peer)).map(({ id }) => id).sort()).toEqual(sent);
    }
    const { key, addresses } = await to.about(moved);
    for (const refusal of outwards.refusals) {
      expect(refusal).toMatchObject({
        status: 410,
        type: 'urn:musubi:problem:agent-moved',
        retryable: false,
      });
    }
    const again = await from.client.request('/v1/contacts', { token: alice.token });
    expect([again.status, await again.json()]).toEqual([
      410,
      expect.objectContaining({ type: 'urn:musubi:problem:agent-moved', node: key, addresses }),
    ]);
  });
});

describe('a file', () => {
  it('is imported whole with the right passphrase, or not at all', async () => {
    const carol = await acquainted('carol');
    const neighbour = await from.client.newAgent('neighbour');
    const sent = await from.client.deliver('source-chain', carol, bob);
    const file = await bytesOf(await exportOf(from, carol));
    const cut = file.subarray(0, file.length - 40);
    const changed = file.map((byte, index) => (index === file.length - 60 ? byte ^ 1 : byte));

    const wrong = { passphrase: 'another passphrase' };
    expect(await problemIn(await importTo(to, carol, file, wrong))).toEqual([401, 'unauthenticated']);
    expect(await problemIn(await importTo(to, bob, file))).toEqual([401, 'unauthenticated']);
    for (const bytes of [cut, changed, new Uint8Array(100)])
      expect(await problemIn(await importTo(to, carol, bytes))).toEqual([422, 'import-refused']);
    expect(await problemIn(await importTo(from, carol, file))).toEqual([409, 'agent-is-here']);
    const body = { agent: carol.agent, passphrase: PASSPHRASE };
    expect(await problemIn(await to.client.request('/v1/sessions', { body }))).toEqual([
      401,
      'unauthenticated',
    ]);
    expect(await problemIn(await from.client.request('/v1/sessions', { body }))).toEqual([
      410,
      'agent-moved',
    ]);

    const moved = (await (await importTo(to, carol, file)).json()) as Agent;
    expect(await problemIn(await importTo(to, carol, file))).toEqual([409, 'agent-is-here']);
    expect((await allOf(to, moved, bob.agent)).map(({ id }) => id)).toEqual([sent.id]);
    expect(await exportOf(from, carol).then(problemIn)).toEqual([410, 'agent-moved']);
    const takenBack = await from.client.request(`/v1/agents/${carol.agent}/return`, {
      token: carol.token,
      body: { passphrase: PASSPHRASE },
    });
    expect(await problemIn(takenBack)).toEqual([410, 'agent-moved']);
    expect(await from.client.deliver('source-chain', neighbour, moved)).toMatchObject({
      status: 'delivered',
    });
  });

  it('is worth nothing once the agent was taken back', async () => {
    const dave = await acquainted('dave');
    const first = await bytesOf(await exportOf(from, dave));
    const body = { passphrase: PASSPHRASE };
    const path = `/v1/agents/${dave.agent}/return`;
    const back = await from.client.request(path, { token: dave.token, body });
    expect(back.status).toBe(204);
    const { token } = await from.client.get('token', '/v1/sessions', {
      body: { agent: dave.agent, passphrase: PASSPHRASE },
    });
    const again = { agent: dave.agent, token };
    const sent = await from.client.deliver('pairwise-dht', again, bob);
    expect(sent.status).toBe('delivered');

    expect(await problemIn(await importTo(to, dave, first))).toEqual([409, 'import-outdated']);
    expect((await importTo(to, dave, await bytesOf(await exportOf(from, again)))).status).toBe(201);
  });

  it('that is cut on its way leaves nothing behind, and keeps no place', async () => {
    const grace = await acquainted('grace');
    const file = await bytesOf(await exportOf(from, grace));
    const beginning = file.subarray(0, file.length - 40);
    const statusOfAnother = async (): Promise<number> =>
      (await importTo(to, grace, new Uint8Array(100))).status;

    // One network may send so many at once.
    const cuts = [beginImport(to, grace, beginning), beginImport(to, grace, beginning)];
    await untilEqual(503, statusOfAnother);
    for (const cut of cuts) cut();

    await untilEqual(422, statusOfAnother);
    expect((await importTo(to, grace, file)).status).toBe(201);
  });

  it('needs its old home, unless that is gone for good', async () => {
    const lost = await LinkedNode.start();
    const frank = await lost.client.newAgent('frank', PASSPHRASE);
    const file = await bytesOf(await exportOf(lost, frank));
    await lost.close();

    expect(await problemIn(await importTo(to, frank, file))).toEqual([409, 'old-home-unreachable']);
    expect((await importTo(to, frank, file, { query: '?abandoned=true' })).status).toBe(201);
  });
});
