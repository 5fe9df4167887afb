import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Agent, type MessageJson } from '../../apps/api/test/support/client.js';
import { until, untilEqual } from '../support/until.js';
import { LinkedNode } from './support/linked-node.js';
import { PASSPHRASE, bytesOf, exportOf, importTo, problemIn } from './support/moving.js';

const PLACEMENTS = ['source-chain', 'pairwise-dht'] as const;
const REASON = 'remote-call-refused/agent-deleted';

let here: LinkedNode;
let there: LinkedNode;
let bob: Agent;

beforeAll(async () => {
  [here, there] = await Promise.all([LinkedNode.start(), LinkedNode.start()]);
  bob = await there.client.newAgent('bob');
});

afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
});

const remove = ({ agent, token }: Agent): Promise<Response> =>
  here.client.request(`/v1/agents/${agent}/deletion`, { token, body: { passphrase: PASSPHRASE } });

const byBob = (message: MessageJson): Promise<MessageJson> =>
  there.client.get('message', `/v1/strategies/${message.strategy}/messages/${message.id}`, {
    token: bob.token,
  });

async function untilFailed(message: MessageJson): Promise<void> {
  await until(async () => {
    const { delivery, status } = await byBob(message);
    expect([status, delivery?.lastError]).toEqual(['failed', REASON]);
  });
}

describe('an agent that is deleted on its node', () => {
  it('fails at once what agents of other nodes write to it, and what waited for it', async () => {
    const alice = await here.client.newAgent('alice', PASSPHRASE);
    await there.take(bob, alice.agent, await here.cardOf(alice));
    const delivered = await Promise.all(
      PLACEMENTS.map((strategy) => there.client.deliver(strategy, bob, alice)),
    );
    const address = ((await here.about(alice)).addresses[0] ?? '').replace('tcp://', '');
    await here.end('SIGTERM');
    await here.startAgain(address);
    // Its key is locked since.
    const waiting = await Promise.all(PLACEMENTS.map((strategy) => there.client.send(strategy, bob, alice)));
    for (const message of waiting)
      await untilEqual(
        'recipient-unreachable',
        async () => (await byBob(message)).delivery?.lastError ?? 'none',
      );

    expect((await remove(alice)).status).toBe(204);

    for (const message of waiting) await untilFailed(message);
    for (const strategy of PLACEMENTS) await untilFailed(await there.client.send(strategy, bob, alice));
    for (const message of delivered) expect((await byBob(message)).status).toBe('delivered');
  });
});

describe('an agent file', () => {
  it('brings no agent back that was deleted since it was made, neither here nor on another node', async () => {
    const carol = await here.client.newAgent('carol', PASSPHRASE);
    const file = await bytesOf(await exportOf(here, carol));
    expect(await problemIn(await remove(carol))).toEqual([410, 'agent-moved']);
    const returned = await here.client.request(`/v1/agents/${carol.agent}/return`, {
      token: carol.token,
      body: { passphrase: PASSPHRASE },
    });
    expect(returned.status).toBe(204);
    const body = { agent: carol.agent, passphrase: PASSPHRASE };
    const { token } = await here.client.get('token', '/v1/sessions', { body });

    expect((await remove({ ...carol, token })).status).toBe(204);

    expect(await problemIn(await importTo(here, carol, file))).toEqual([410, 'agent-deleted']);
    expect(await problemIn(await importTo(there, carol, file))).toEqual([409, 'import-outdated']);
    const forced = await importTo(there, carol, file, { query: '?abandoned=true' });
    expect(await problemIn(forced)).toEqual([409, 'import-outdated']);
  });
});
