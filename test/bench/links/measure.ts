import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type NodePlace } from '@musubi/network/nodes';
import { agentFromSeed } from '../../../libs/network/test/nodes/support/sim-nodes.js';
import { openTlsNode } from '../../../libs/network/test/nodes/support/tls-nodes.js';
import { SlowRoad } from '../../support/slow-road.js';
import { p50, p99 } from '../figures.js';

const ROOT = join(import.meta.dirname, '../../..');
const CALLEE = 'libs/network/test/nodes/support/echo-node.ts';
const SOURCES = ['--conditions=@musubi/source', '--import', './test/support/ts-loader.js'];
/** Of both processes, so that no figure has their compiling in it. */
const WARM_UP_CALLS = 2000;

interface LinksPlan {
  readonly calls: number;
  readonly inFlight: number;
  readonly payloadBytes: number;
  /** What a way between the two takes, to and fro; none when absent. */
  readonly roundTripMs?: number;
}

interface LinksFigures extends LinksPlan {
  readonly callsPerSecond: number;
  /** User and system time of one call, in microseconds. */
  readonly callerMicros: number;
  readonly calleeMicros: number;
  /** From the call to its reply. */
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** Two processes on the loopback interface: one calls, the other echoes. */
export async function measureLinks(plans: readonly LinksPlan[]): Promise<readonly LinksFigures[]> {
  const child = spawn(process.execPath, [...SOURCES, CALLEE, '2'], {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const place = JSON.parse(await firstLineOf(child)) as NodePlace;
    const figures = [];
    for (const plan of plans) figures.push(await measure(plan, place));
    return figures;
  } finally {
    child.stdin.end();
    await once(child, 'close');
  }
}

async function measure(plan: LinksPlan, place: NodePlace): Promise<LinksFigures> {
  const { roundTripMs } = plan;
  if (roundTripMs === undefined) return measureCalls(plan, place);
  const slowness = { delayMs: roundTripMs / 2, jitterMs: 0, random: () => 0 };
  const road = await SlowRoad.open(slowness, portOf(place));
  try {
    return await measureCalls(plan, { ...place, addresses: [`tcp://127.0.0.1:${road.port}`] });
  } finally {
    await road.close();
  }
}

async function measureCalls(plan: LinksPlan, place: NodePlace): Promise<LinksFigures> {
  const callee = agentFromSeed(2).agent;
  const node = await openTlsNode({ number: 1, book: new Map([[callee, place]]) });
  const ask = async (fn: string, payload: Uint8Array): Promise<Uint8Array> => {
    const outcome = await node.calls.call({ from: node.home.agent, to: callee, fn, payload });
    if (outcome.kind !== 'ok') throw new Error(`a call ended ${outcome.kind}`);
    return outcome.reply;
  };
  const callAll = async ({ calls, inFlight, payloadBytes }: LinksPlan): Promise<readonly number[]> => {
    const took: number[] = [];
    let left = calls;
    const payload = new Uint8Array(payloadBytes);
    const lane = async (): Promise<void> => {
      for (; left > 0; left -= 1) {
        const began = performance.now();
        await ask('test/echo', payload);
        took.push(performance.now() - began);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, lane));
    return took;
  };
  const calleeCpu = async (): Promise<number> =>
    Number(Buffer.from(await ask('test/cpu', new Uint8Array())).toString());

  try {
    await callAll({ ...plan, calls: WARM_UP_CALLS });
    const [callerBefore, calleeBefore, began] = [ownCpu(), await calleeCpu(), performance.now()];
    const took = await callAll(plan);
    const seconds = (performance.now() - began) / 1000;
    return {
      ...plan,
      callsPerSecond: took.length / seconds,
      callerMicros: (ownCpu() - callerBefore) / took.length,
      calleeMicros: ((await calleeCpu()) - calleeBefore) / took.length,
      medianMs: p50(took),
      p99Ms: p99(took),
    };
  } finally {
    await node.links.close();
  }
}

function portOf({ addresses: [address] }: NodePlace): number {
  if (address === undefined) throw new Error('the callee has no address');
  return Number(new URL(address).port);
}

/** In microseconds. */
function ownCpu(): number {
  const { system, user } = process.cpuUsage();
  return system + user;
}

async function firstLineOf(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the child has no output');
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return line;
}
