import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { type Agent, Client, type MessageJson } from '../../apps/api/test/support/client.js';
import { type ServiceProcess, startServiceProcess } from '../../apps/api/test/support/service-process.js';
import { slowness } from './slowness.js';
import { until, untilEqual } from './until.js';

const PASSPHRASE = 'correct horse battery staple';
const FAKE_CLOCK = new URL('fake-clock.js', import.meta.url).href;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** All that anybody may have to wait for, once the clock is right. */
const MINUTE_MS = 60_000;

let folder: string;
let service: ServiceProcess;
let client: Client;

async function setClock(wrongMs: number): Promise<void> {
  // Whole or not at all: the service may be reading it.
  await writeFile(join(folder, 'clock.part'), String(wrongMs));
  await rename(join(folder, 'clock.part'), join(folder, 'clock'));
}

async function start(): Promise<void> {
  service = await startServiceProcess({
    DATA_DIR: join(folder, 'data'),
    PORT: '0',
    LOG_LEVEL: 'warn',
    FAKE_CLOCK: join(folder, 'clock'),
    NODE_OPTIONS: `--import ${FAKE_CLOCK}`,
  });
  client = new Client(service.url);
}

async function signIn(agent: Agent): Promise<Agent> {
  const body = { agent: agent.agent, passphrase: PASSPHRASE };
  return { ...agent, ...(await client.get('token', '/v1/sessions', { body })) };
}

function signOut({ token }: Agent): Promise<Response> {
  return client.request('/v1/sessions/current', { token, method: 'DELETE' });
}

/** On every placement, to somebody who is away: each first attempt is made, and most are in vain. */
function sendAll(from: Agent, to: Agent): Promise<readonly MessageJson[]> {
  const headers = { prefer: 'wait=1' };
  return Promise.all(STRATEGY_NAMES.map((strategy) => client.send(strategy, from, to, { headers })));
}

async function expectDelivered(sent: readonly MessageJson[], { token }: Agent): Promise<void> {
  await until(async () => {
    const seen = sent.map(({ id }, index) => {
      const strategy = STRATEGY_NAMES[index % STRATEGY_NAMES.length] ?? '';
      return client.get('message', `/v1/strategies/${strategy}/messages/${id}`, { token });
    });
    expect((await Promise.all(seen)).map(({ status }) => status)).toEqual(sent.map(() => 'delivered'));
  }, MINUTE_MS * slowness());
}

/** How often the service has said that its clock was set. */
function stepsTold(): number {
  return service.output().match(/"clock-stepped"/g)?.length ?? 0;
}

/** Sends on every placement while the clock of a service is wrong, each time by as much as `wrong` says. */
export function describeWrongClock(wrong: readonly (readonly [name: string, milliseconds: number])[]): void {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'musubi-clock-'));
    await setClock(0);
    await start();
  });

  afterAll(async () => {
    await service.end('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  });

  describe.each(wrong)('what was sent while the clock was %s', (_, wrongMs) => {
    it.each([
      ['goes on', false],
      ['starts anew', true],
    ])(
      'is delivered within a minute of the clock being right, by a service that %s',
      async (__, isRestarted) => {
        const [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob', PASSPHRASE)];
        const before = await sendAll(alice, bob);
        await signOut(bob);

        const told = stepsTold();

        await setClock(wrongMs);
        const meanwhile = await sendAll(alice, bob);
        if (isRestarted) await service.end('SIGTERM');
        await setClock(0);
        if (isRestarted) await start();
        const back = await signIn(bob);

        await expectDelivered([...before, ...meanwhile], alice);
        const after = await sendAll(alice, back);
        await expectDelivered(after, alice);
        if (!isRestarted) await untilEqual(told + 2, () => Promise.resolve(stepsTold()));
      },
    );
  });
}
