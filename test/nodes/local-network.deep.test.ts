import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type Agent, Client } from '../../apps/api/test/support/client.js';
import { PATIENCE_MS } from '../support/patience.js';
import { processesNaming } from '../support/processes.js';

const ROOT = join(import.meta.dirname, '..', '..');
const NODE = /node \d {2}(http:\S+)\/v1\n {2}agent {2}(\S+)\n {2}token {2}(\S+)\n {2}(musubi:card\/\S+)\n/g;

let network: ChildProcess | undefined;
/** Where it keeps what is temporary: other tests may run on this machine. */
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'musubi-local-'));
});

afterEach(async () => {
  network?.kill('SIGTERM');
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

/** @returns what it prints, up to that text or its end */
function run(words: readonly string[], upTo: string): Promise<string> {
  const flags = ['--conditions=@musubi/source', '--import', join(ROOT, 'test/support/ts-loader.js')];
  const child = spawn(process.execPath, [...flags, join(ROOT, 'test/network/main.ts'), ...words], {
    env: { ...process.env, NODE_OPTIONS: '', TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  network = child;
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      reject(new Error('it printed too little'));
    }, PATIENCE_MS);
    let printed = '';
    const done = (): void => {
      clearTimeout(late);
      resolve(printed);
    };
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        printed += chunk.toString();
        if (printed.includes(upTo)) done();
      });
    }
    child.once('close', done);
  });
}

it('starts nodes that write to one another by the cards it prints, and ends without a trace', async () => {
  const printed = await run(['--nodes', '3', '--port', '0'], 'Ctrl-C');
  const nodes = [...printed.matchAll(NODE)].map(([, url = '', agent = '', token = '', card = '']) => ({
    client: new Client(url),
    card,
    agent: { agent, token } satisfies Agent,
  }));
  const [first, , last] = nodes;
  if (first === undefined || last === undefined) throw new Error(`there are no three nodes: ${printed}`);
  const body = { card: last.card };
  const path = `/v1/contacts/${last.agent.agent}`;
  await first.client.request(path, { token: first.agent.token, method: 'PUT', body });

  const sent = await first.client.deliver('pairwise-dht', first.agent, last.agent);
  expect(sent.status).toBe('delivered');

  network?.kill('SIGINT');
  const [code] = (await once(network ?? process, 'exit')) as unknown[];
  expect(code).toBe(0);
  expect(await processesNaming(folder)).toEqual([]);
  expect(await readdir(folder)).toEqual([]);
});

it.each([
  ['--nodes', '0', 'It must be a number from 1 to 16.'],
  ['--nodes', '17', 'It must be a number from 1 to 16.'],
  ['--port', 'x', 'It must be a number from 0 to'],
  ['--unknown', '1', "unknown option '--unknown'"],
])('refuses %s %s', async (option, value, reason) => {
  expect(await run([option, value], reason)).toContain(reason);
});
