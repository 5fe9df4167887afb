import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Agent } from '../../apps/api/test/support/client.js';
import { PROXY_CERTIFICATE, TlsProxy } from '../../libs/network/test/nodes/support/tls-proxy.js';
import { freePort } from '../support/free-port.js';
import { LinkedNode } from './support/linked-node.js';

let folder: string;
let proxies: TlsProxy[];
let here: LinkedNode;
let there: LinkedNode;
let alice: Agent;
let bob: Agent;

/** A node that others reach through a proxy with a certificate, and in no other way. */
async function startBehindProxy(): Promise<LinkedNode> {
  const port = await freePort();
  const proxy = await TlsProxy.open({ behind: () => port });
  proxies.push(proxy);
  return LinkedNode.start({
    NODE_LISTEN: `ws://127.0.0.1:${port}`,
    NODE_ADDRESS: proxy.address,
    PROXY_HOPS: '1',
    NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'musubi-proxies-'));
  await writeFile(join(folder, 'ca.pem'), PROXY_CERTIFICATE);
  proxies = [];
  [here, there] = [await startBehindProxy(), await startBehindProxy()];
  alice = await here.client.newAgent('alice');
  bob = await there.client.newAgent('bob');
  await here.take(alice, bob.agent, await there.cardOf(bob));
});

afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
  for (const proxy of proxies) proxy.close();
  await rm(folder, { recursive: true, force: true });
});

it.each(['source-chain', 'pairwise-dht'])('deliver each way on %s', async (strategy) => {
  expect((await here.client.deliver(strategy, alice, bob)).status).toBe('delivered');
  expect((await there.client.deliver(strategy, bob, alice)).status).toBe('delivered');
  expect(await here.about(alice)).toMatchObject({
    addresses: [expect.stringMatching(/^wss:\/\/localhost:\d+$/)],
    peers: { linked: 1 },
  });
});

it('deliver again after the proxy cut every link', async () => {
  for (const proxy of proxies) proxy.cut();

  expect((await here.client.deliver('source-chain', alice, bob)).status).toBe('delivered');
});

it('stop cleanly with links', async () => {
  expect(await there.end('SIGTERM')).toBe(0);
  expect(await here.end('SIGTERM')).toBe(0);
});
