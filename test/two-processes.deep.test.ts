import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TwoProcesses } from './support/two-processes.js';
import { until } from './support/until.js';

const PASSPHRASE = 'correct horse battery staple';

// Each test starts two processes, which takes seconds on a busy machine.

let node: TwoProcesses;

beforeEach(async () => {
  node = await TwoProcesses.open(6);
});

afterEach(() => node.close());

describe('two processes on one database', () => {
  it('deliver 200 messages at once, each of them once and on one unforked chain', async () => {
    const sent = await node.sendAtOnce(200, node.agents.slice(0, 4), node.agents.slice(4));

    expect(new Set(sent.map(({ id }) => id)).size).toBe(200);
    await until(() => node.expectAllOnce(sent));
    await node.expectNoneTwice();
    expect(await node.close()).toEqual([0, 0]);
  });

  it('serve an unattended agent that the other has made', async () => {
    const [first, second] = node.clients;
    const [late, attended] = [await first.newAgent('late'), await first.newAgent('attended', PASSPHRASE)];

    const sent = await second.deliver('source-chain', late, node.agents[0] ?? late);
    const refused = await second.request('/v1/agents', { token: attended.token });

    expect([sent.status, refused.status]).toEqual(['delivered', 401]);
  });

  it('take no step twice that both have been waiting for', async () => {
    const recipient = await node.clients[0].newAgent('recipient', PASSPHRASE);
    await node.clients[0].request('/v1/sessions/current', { token: recipient.token, method: 'DELETE' });
    const sent = await node.sendAtOnce(60, node.agents, [recipient]);
    const body = { agent: recipient.agent, passphrase: PASSPHRASE };

    // From here on the recipient is online in both, and so are the authors, whose steps are due in some seconds.
    let token = '';
    for (const client of node.clients) ({ token } = await client.get('token', '/v1/sessions', { body }));

    const online = { ...recipient, token };
    const received = sent.map((one) => ({ ...one, recipient: online }));
    await until(() => node.expectAllOnce(received));
    await node.expectNoneTwice();
    expect(await node.count('select count(*) as count from claim')).toBeGreaterThanOrEqual(40);
  });
});
