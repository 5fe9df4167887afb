import { usePrimitives } from '@musubi/crypto';
import { type StrategyName } from '@musubi/messaging';
import { DeliveryNode } from '@musubi/testing';
import { primitives } from '../../../libs/crypto/src/primitives/index.js';
import { type CryptoFigures } from './report.js';

const ACTS = 20;
const ROUNDS = 10;

interface Call {
  readonly name: string;
  readonly words: readonly unknown[];
}

type Operation = (...words: readonly unknown[]) => unknown;

/** What the primitives alone take for an act: those that a node without HTTP called for one, called again. */
export async function measureCrypto(placement: StrategyName): Promise<CryptoFigures> {
  const calls = await recordActs(placement);
  const names = [...new Set(calls.map(({ name }) => name))].sort();
  return {
    calls: Object.fromEntries(
      names.map((name) => [name, calls.filter((call) => call.name === name).length / ACTS]),
    ),
    wasmMs: replay(calls),
    nativeMs: await replayNatively(calls),
  };
}

async function recordActs(placement: StrategyName): Promise<readonly Call[]> {
  const node = await DeliveryNode.open();
  try {
    const [alice, bob] = [await node.newAgent(), await node.newAgent()];
    const act = async (): Promise<void> => {
      await node.attempts.first(alice, await node.save(placement, [alice, bob]));
      await node.whenIdle();
    };
    await act();
    await act();
    return await recording(async () => {
      for (let made = 0; made < ACTS; made += 1) await act();
    });
  } finally {
    await node.close();
  }
}

async function recording(work: () => Promise<void>): Promise<readonly Call[]> {
  const calls: Call[] = [];
  const used = primitives();
  const plain = { ...used };
  for (const [name, operation] of Object.entries(plain) as [string, Operation][]) {
    const recorded: Operation = (...words) => {
      calls.push({ name, words });
      return operation(...words);
    };
    Reflect.set(used, name, recorded);
  }
  try {
    await work();
  } finally {
    Object.assign(used, plain);
  }
  return calls;
}

/** Milliseconds an act, of the fastest round. */
function replay(calls: readonly Call[]): number {
  const operations = new Map(Object.entries(primitives()) as [string, Operation][]);
  const rounds = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    for (const { name, words } of calls) {
      try {
        operations.get(name)?.(...words);
      } catch {
        // A slot that is another reader's: what does not open was tried by the act too.
      }
    }
    return performance.now() - start;
  });
  return Math.min(...rounds) / ACTS;
}

async function replayNatively(calls: readonly Call[]): Promise<number | null> {
  try {
    await usePrimitives('native');
  } catch {
    return null;
  }
  try {
    return replay(calls);
  } finally {
    await usePrimitives('wasm');
  }
}
