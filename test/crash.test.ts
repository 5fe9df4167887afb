import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES, type StrategyName } from '@musubi/messaging';
import { type Agent, Client } from '../apps/api/test/support/client.js';
import { type ServiceProcess, startServiceProcess } from '../apps/api/test/support/service-process.js';
import { until } from './support/until.js';

/** `npm run test:crash` asks for more. */
const CRASHES = Number(process.env['MUSUBI_CRASHES'] ?? 4);
const SENDERS = 4;
const LONGEST_LOAD_MS = 1500;
const SETTLING_MS = 60_000;

interface Acknowledged {
  readonly strategy: StrategyName;
  readonly author: Agent;
  readonly id: string;
}

let dataDir: string;
let service: ServiceProcess;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'musubi-crash-'));
});

afterEach(() => rm(dataDir, { recursive: true, force: true }));

/** A short lease, so that what a dead process held is taken up within seconds. */
async function start(): Promise<Client> {
  const environment = { DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'error', RATE_LIMIT_PER_SECOND: '10000' };
  service = await startServiceProcess({
    ...environment,
    REMOTE_CALL_TIMEOUT_MS: '500',
    MAILBOX_POLL_MS: '500',
  });
  return new Client(service.url);
}

/** Sends without a pause until the service is gone, noting what was acknowledged. */
async function sendUntilGone(
  client: Client,
  author: Agent,
  recipient: Agent,
): Promise<readonly Acknowledged[]> {
  const acknowledged: Acknowledged[] = [];
  for (let turn = 0; ; turn += 1) {
    const strategy = STRATEGY_NAMES[turn % STRATEGY_NAMES.length] ?? 'source-chain';
    try {
      const { id } = await client.send(strategy, author, recipient, { headers: { prefer: 'respond-async' } });
      acknowledged.push({ strategy, author, id });
    } catch {
      return acknowledged;
    }
  }
}

async function idsOf(client: Client, strategy: StrategyName, { token }: Agent): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let before = ''; ;) {
    const path = `/v1/strategies/${strategy}/messages?limit=200${before}`;
    const { items, next } = await client.get('messages', path, { token });
    ids.push(...items.filter(({ status }) => status === 'delivered').map(({ id }) => id));
    if (next === null) return ids;
    before = `&before=${next}`;
  }
}

describe('a node that is killed under load', () => {
  it(
    `loses, doubles and forgets nothing, ${CRASHES} times over`,
    async () => {
      let client = await start();
      const bob = await client.newAgent('bob');
      const senders: Agent[] = [];
      for (let index = 0; index < SENDERS; index += 1) senders.push(await client.newAgent(`sender ${index}`));
      const acknowledged: Acknowledged[] = [];

      for (let crash = 0; crash < CRASHES; crash += 1) {
        const load = senders.map((sender) => sendUntilGone(client, sender, bob));
        // Any moment will do; a different one each time.
        await sleep((LONGEST_LOAD_MS * (crash + 1)) / CRASHES);
        await service.end('SIGKILL');
        acknowledged.push(...(await Promise.all(load)).flat());
        client = await start();
      }

      expect(acknowledged.length).toBeGreaterThan(CRASHES * SENDERS);
      await until(() => expectAllOnce(client, acknowledged, bob), SETTLING_MS);
      await service.end('SIGTERM');
    },
    CRASHES * 45_000,
  );
});

/** Every acknowledged message is delivered, once at its author and once at its recipient. */
async function expectAllOnce(
  client: Client,
  acknowledged: readonly Acknowledged[],
  bob: Agent,
): Promise<void> {
  for (const strategy of STRATEGY_NAMES) {
    const received = await idsOf(client, strategy, bob);
    expect(new Set(received).size).toBe(received.length);
    const expected = acknowledged.filter((one) => one.strategy === strategy);
    expect(expected.filter(({ id }) => !received.includes(id))).toEqual([]);
    for (const author of new Set(expected.map((one) => one.author))) {
      const sent = await idsOf(client, strategy, author);
      const own = expected.filter((one) => one.author === author);
      expect(own.filter(({ id }) => !sent.includes(id))).toEqual([]);
    }
  }
}
