import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { randomBytes, toBase64Url } from '@musubi/crypto';
import { openTestDatabase } from '@musubi/database/testing';
import { serviceDatabase } from '../../../apps/api/src/node/database.js';
import { type Agent, Client } from '../../../apps/api/test/support/client.js';
import { startServiceProcess } from '../../../apps/api/test/support/service-process.js';
import { p50, p99 } from '../figures.js';
import { HttpClient } from '../service/http-client.js';
import { type Answered, type Attack, type Attacker, type Heavy } from './attackers.js';

const LOADER = pathToFileURL(join(import.meta.dirname, '../../support/ts-loader.js')).href;
const NODE_SECRET = `${'b'.repeat(42)}A`;
const PLACEMENT = 'source-chain';
const MESSAGES = `/v1/strategies/${PLACEMENT}/messages`;
/** Within the limit of 200 points a second, at two points for a page. */
const PER_SECOND = 90;
const BATCH = 200;
const WARM_UP = 50;

interface FairnessSettings {
  /** Messages that the victim sends in each phase, one after another. */
  readonly sends: number;
  /** How many times the phases alternate. */
  readonly rounds: number;
  /** How many attackers there are in the phases with several. */
  readonly crowd: number;
  /** Requests that each attacker has open. */
  readonly readers: number;
}

/** How the victim fared beside some attackers, over all rounds. */
export interface Phase {
  readonly attack: 'none' | AttackName;
  readonly attackers: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly answered: Answered | null;
}

/** After each send, in milliseconds: however fast the machine is, no agent comes to its limit of requests by sending. */
const PAUSE_MS = 8;

const ATTACKS = ['pages of 1 MiB', 'pages of 200', 'batches of receipts'] as const;
type AttackName = (typeof ATTACKS)[number];

interface Stage {
  readonly url: string;
  readonly send: () => Promise<number>;
  readonly attackers: readonly Attacker[];
  readonly heavies: Readonly<Record<AttackName, Heavy>>;
}

/** One agent's sends: alone, beside one attacker, and beside several, turn by turn. Each attacker has an address of its own. */
export async function measureFairness(
  settings: FairnessSettings,
  signal: AbortSignal,
): Promise<readonly Phase[]> {
  const database = await openTestDatabase(serviceDatabase, { poolSize: 2 });
  try {
    const environment = { PORT: '0', DATABASE_URL: database.url, NODE_SECRET, LOG_LEVEL: 'warn' };
    const service = await startServiceProcess(environment);
    const http = new HttpClient(service.url);
    try {
      const stage = await prepare(service.url, http, settings.crowd);
      return await runPhases(stage, settings, signal);
    } finally {
      http.close();
      await service.end('SIGTERM');
    }
  } finally {
    await database.close();
  }
}

async function prepare(url: string, http: HttpClient, crowd: number): Promise<Stage> {
  const client = new Client(url);
  const [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob')];
  const attackers: Attacker[] = [];
  for (let index = 0; index < crowd; index += 1) {
    const mallory = await client.newAgent(`mallory ${index}`);
    await fill(client, mallory);
    attackers.push({ token: mallory.token, address: `127.0.1.${index + 1}` });
  }
  const body = { to: bob.agent, payload: { type: 'text', text: 'hello' } };
  const send = async (): Promise<number> => {
    const began = performance.now();
    const answer = await http.ask(MESSAGES, { token: alice.token, body });
    const took = performance.now() - began;
    if (answer.status !== 201) throw new Error(`the victim got ${answer.status}: ${answer.body}`);
    await sleep(PAUSE_MS);
    return took;
  };
  for (let sent = 0; sent < WARM_UP; sent += 1) await send();
  return { url, send, attackers, heavies: heavies() };
}

/** Sixteen messages that fill a page in bytes, older than as many as fill one in items. */
async function fill(client: Client, mallory: Agent): Promise<void> {
  for (let sent = 0; sent < 16; sent += 1) await store(client, PLACEMENT, mallory, 'x'.repeat(65_536));
  for (let sent = 0; sent < BATCH; sent += 1) {
    await store(client, 'pairwise-dht', mallory, 'a short message, as most of them are');
  }
}

/** Writes to itself, as fast as the limits let an agent. */
async function store(client: Client, strategy: string, { agent, token }: Agent, text: string): Promise<void> {
  const body = { to: agent, payload: { type: 'text', text } };
  for (;;) {
    const answer = await client.request(`/v1/strategies/${strategy}/messages`, { token, body });
    if (answer.status === 201) return;
    if (answer.status !== 429) throw new Error(`a message was answered with ${answer.status}`);
    await sleep(Number(answer.headers.get('retry-after')) * 1000);
  }
}

function heavies(): Readonly<Record<AttackName, Heavy>> {
  const unknown = Array.from({ length: BATCH }, () => toBase64Url(randomBytes(32)));
  return {
    'pages of 1 MiB': { path: `${MESSAGES}?limit=200` },
    'pages of 200': { path: `/v1/strategies/pairwise-dht/messages?limit=200` },
    'batches of receipts': {
      path: `/v1/strategies/${PLACEMENT}/receipts`,
      body: JSON.stringify({ status: 'read', messages: unknown }),
    },
  };
}

async function runPhases(
  stage: Stage,
  { sends, rounds, crowd, readers }: FairnessSettings,
  signal: AbortSignal,
): Promise<readonly Phase[]> {
  const plans = [
    { attack: 'none', attackers: 0 } as const,
    ...ATTACKS.flatMap((attack) => [1, crowd].map((attackers) => ({ attack, attackers }))),
  ];
  const phases = plans.map((plan) => ({ ...plan, ms: [] as number[], answered: null as Answered | null }));
  for (let round = 0; round < rounds; round += 1) {
    for (const phase of phases) {
      signal.throwIfAborted();
      const end =
        phase.attack === 'none' ? null : await begin(stage, { ...phase, attack: phase.attack, readers });
      for (let sent = 0; sent < sends; sent += 1) phase.ms.push(await stage.send());
      if (end !== null) phase.answered = sumOf(phase.answered, await end());
    }
  }
  return phases.map(({ ms, ...phase }) => ({ ...phase, medianMs: p50(ms), p99Ms: p99(ms) }));
}

/** @returns what ends the attack */
async function begin(
  { url, attackers: all, heavies }: Stage,
  { attack, attackers, readers }: { attack: AttackName; attackers: number; readers: number },
): Promise<() => Promise<Answered>> {
  const workerData: Attack = {
    ...{ url, readers, perSecond: PER_SECOND },
    attackers: all.slice(0, attackers),
    heavy: heavies[attack],
  };
  const worker = new Worker(join(import.meta.dirname, 'attackers.ts'), {
    workerData,
    execArgv: ['--import', LOADER],
  });
  await once(worker, 'online');
  return async () => {
    const answered = once(worker, 'message');
    worker.postMessage('stop');
    const [result] = (await answered) as [Answered];
    return result;
  };
}

function sumOf(one: Answered | null, other: Answered): Answered {
  if (one === null) return other;
  const statuses = { ...one.statuses };
  for (const [status, count] of Object.entries(other.statuses))
    statuses[status] = (statuses[status] ?? 0) + count;
  return { seconds: one.seconds + other.seconds, bytes: one.bytes + other.bytes, statuses };
}
