import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SeededRandom } from '@musubi/observers';
import {
  GENERATORS,
  type LabServer,
  type PlacementReport,
  VARIANTS,
  compare,
  hashOf,
  startLabServer,
} from '../src/index.js';
import { readFaults } from '../src/workloads/fault-file.js';

let server: LabServer;
let folder: string;
beforeAll(async () => {
  server = await startLabServer();
  folder = await mkdtemp(join(tmpdir(), 'faults-'));
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** One variant's figures under the plan. */
async function suffered(name: string, plan: string): Promise<PlacementReport> {
  const path = join(folder, 'plan.yml');
  await writeFile(path, plan);
  const faults = await readFaults(path, 4);
  const variants = VARIANTS.filter((variant) => variant.name === name);
  const workload = GENERATORS['chain-of-pairs']({ agents: 4, messages: 12 }, new SeededRandom(1));
  const parameters = {
    seed: 1,
    workload: workload.name,
    agents: 4,
    messages: 12,
    concurrency: [],
    redundancy: 5,
    variants: [name],
    faults,
    parts: ['cost'],
    workloadHash: hashOf(workload),
  };
  const asked = { variants, workload, parameters, parts: ['cost'] as const, faults, loadMessages: 0 };
  const watcher = { onProgress: (): void => undefined, signal: new AbortController().signal };
  const [placement] = (await compare(server, asked, watcher)).placements;
  if (placement === undefined) throw new Error('nothing was measured');
  return placement;
}

describe('a fault plan', () => {
  it.each([
    'kind: not-sent',
    'kind: refused',
    'kind: reply-lost',
    'kind: duplicate',
    'kind: delay, ms: 20000',
    'kind: reorder, ms: 20000',
  ])('is suffered by the simulated run, and outlived by an outbox: { %s }', async (fault) => {
    const { integrity, cost } = await suffered('source-chain', `faults: [{ ${fault}, probability: 0.5 }]`);

    expect(integrity).toMatchObject({ messages: 12, shown: 12, lost: 0, doubled: 0, phantom: 0 });
    expect(cost).not.toBeNull();
  });

  it('strikes only whom and how often it says', async () => {
    const { integrity } = await suffered(
      'source-chain/veto',
      'faults: [{ kind: not-sent, to: 1, function: source-chain/receive_message, times: 2 }]',
    );

    expect(integrity).toMatchObject({ messages: 12, acknowledged: 10, shown: 10 });
  });

  it('leaves integrity to gate what is measured', async () => {
    const { integrity, cost } = await suffered('source-chain/post-commit', 'faults: [{ kind: not-sent }]');

    expect(integrity.lost).toBe(12);
    expect(cost).toBeNull();
  });
});
