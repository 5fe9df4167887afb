import { Agent as Connections, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

export interface Attacker {
  readonly token: string;
  /** Which of the machine's loopback addresses it comes from. */
  readonly address: string;
}

/** A request that is repeated. */
export interface Heavy {
  readonly path: string;
  /** Sent as JSON by POST; without one it is a GET. */
  readonly body?: string;
}

export interface Attack {
  readonly url: string;
  readonly attackers: readonly Attacker[];
  readonly heavy: Heavy;
  /** Requests that each attacker has open at most. */
  readonly readers: number;
  /** Requests that each attacker makes in a second at most, so that it stays within its request limit. */
  readonly perSecond: number;
}

/** What the attackers were answered together. */
export interface Answered {
  readonly seconds: number;
  readonly bytes: number;
  /** How many answers had each status. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** Runs in a thread of its own, until it is sent anything: what it reads must not slow the clock of the victim. */
async function run({ url, attackers, heavy, readers, perSecond }: Attack): Promise<Answered> {
  const stopping = new AbortController();
  parentPort?.once('message', () => {
    stopping.abort();
  });
  const statuses: Record<string, number> = {};
  let bytes = 0;
  const began = performance.now();
  const ask = async (connections: Connections, { token, address }: Attacker): Promise<void> => {
    const answer = await askOnce({ url, heavy, token, address, connections });
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
    bytes += answer.bytes;
  };
  const attack = async (attacker: Attacker): Promise<void> => {
    const connections = new Connections({ keepAlive: true, maxSockets: readers });
    let next = performance.now();
    const read = async (): Promise<void> => {
      while (!stopping.signal.aborted) {
        next = Math.max(next + 1000 / perSecond, performance.now());
        await sleep(next - performance.now());
        await ask(connections, attacker);
      }
    };
    await Promise.all(Array.from({ length: readers }, read));
    connections.destroy();
  };
  await Promise.all(attackers.map(attack));
  return { seconds: (performance.now() - began) / 1000, bytes, statuses };
}

interface Question extends Attacker {
  readonly url: string;
  readonly heavy: Heavy;
  readonly connections: Connections;
}

function askOnce(question: Question): Promise<{ readonly status: number; readonly bytes: number }> {
  const { url, heavy, token, address, connections } = question;
  const { path, body } = heavy;
  const headers = {
    authorization: `Bearer ${token}`,
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
  };
  const method = body === undefined ? 'GET' : 'POST';
  return new Promise((resolve, reject) => {
    const options = { method, headers, agent: connections, localAddress: address };
    const asking = request(`${url}${path}`, options, (answer) => {
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      answer.on('error', reject);
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, bytes });
      });
    });
    asking.on('error', reject);
    asking.end(body);
  });
}

parentPort?.postMessage(await run(workerData as Attack));
