import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type AgentPubKey } from '@musubi/messaging';
import { type RemoteCallOutcome } from '@musubi/network';
import { type NodePlace } from '@musubi/network/nodes';
import { slowness } from '../../../../test/support/slowness.js';
import { untilEqual } from '../../../../test/support/until.js';
import { FN, agentFromSeed } from './support/sim-nodes.js';
import { type TlsNode, openTlsNode } from './support/tls-nodes.js';

const ROOT = join(import.meta.dirname, '../../../..');
const SOURCES = ['--conditions=@musubi/source', '--import', './test/support/ts-loader.js'];

let book: Map<AgentPubKey, NodePlace>;
let children: ChildProcess[];
let node: TlsNode;

beforeEach(async () => {
  book = new Map();
  children = [];
  node = await openTlsNode({ number: 1, book, timeoutMs: 3000 * slowness() });
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await node.links.close();
});

/** A node in a process of its own. */
async function start(number: number): Promise<ChildProcess> {
  const script = join(import.meta.dirname, 'support/echo-node.ts');
  const child = spawn(process.execPath, [...SOURCES, script, String(number)], {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  book.set(agentFromSeed(number).agent, JSON.parse(line) as NodePlace);
  return child;
}

function callTo(number: number, fn = FN): Promise<RemoteCallOutcome> {
  const to = agentFromSeed(number).agent;
  return node.calls.call({ from: node.home.agent, to, fn, payload: new Uint8Array(1000) });
}

it('calls a node in another process, which echoes', async () => {
  await start(2);
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => callTo(2)));
  expect(outcomes).toEqual(outcomes.map(() => ({ kind: 'ok', reply: new Uint8Array(1000) })));
});

it('leaves a call in doubt when the process is killed under it, and reaches the next one at once', async () => {
  const child = await start(2);
  await callTo(2);
  const underWay = callTo(2, 'test/silent');
  child.kill('SIGKILL');
  expect((await underWay).kind).toBe('unknown');
  expect((await callTo(2)).kind).toBe('not-sent');
  await start(2);
  await untilEqual('ok', async () => (await callTo(2)).kind);
});

it('calls others as before while one process is stopped', async () => {
  const [stopped] = [await start(2), await start(3)];
  await Promise.all([callTo(2), callTo(3)]);
  stopped.kill('SIGSTOP');
  const stalled = Promise.all(Array.from({ length: 30 }, () => callTo(2)));
  const others = await Promise.all(Array.from({ length: 30 }, () => callTo(3)));
  expect(new Set(others.map(({ kind }) => kind))).toEqual(new Set(['ok']));
  expect(new Set((await stalled).map(({ kind }) => kind))).toEqual(new Set(['unknown']));
  stopped.kill('SIGCONT');
  await untilEqual('ok', async () => (await callTo(2)).kind);
});
