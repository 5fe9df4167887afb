import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SeededRandom } from '@musubi/observers';
import { blindedKey } from '@musubi/receipts';
import { checkIntegrity, holds } from '../../src/figures/integrity.js';
import { type IntegrityReport } from '../../src/report/report.js';
import { type Sent } from '../../src/simulation/sent.js';
import { type Simulation, simulate } from '../../src/simulation/simulation.js';
import { GENERATORS } from '../../src/workloads/generators.js';
import { TestLabServer } from '../support/test-lab-server.js';
import { variantNamed } from '../support/variant-named.js';

const workload = GENERATORS.pair({ agents: 2, messages: 6 }, new SeededRandom(1));

let server: TestLabServer;
let simulation: Simulation;

beforeEach(async () => {
  server = new TestLabServer();
  simulation = await simulate({ server, variant: variantNamed('source-chain'), workload }, { seed: 1 });
});
afterEach(async () => {
  await simulation.node.close();
  await server.close();
});

/** After something was done to what is stored. */
async function found(sql: string, parameters: readonly unknown[] = []): Promise<IntegrityReport> {
  await simulation.node.db.query(sql, [...parameters]);
  return checkIntegrity(simulation.node, simulation.sent);
}

/** An author's `saved` receipts are the lowest; all others tell it of a delivery. */
const DELIVERED_IS_UNKNOWN =
  'delete from receipt where holder = $1 and key = any($2) and status > (select min(status) from receipt)';

/** The names under which an agent stores what it sent. */
function keysOfSent(agent: number): readonly Uint8Array[] {
  const keys = simulation.node.keyring.keysOf(simulation.node.agent(agent));
  return simulation.sent.filter(({ from }) => from === agent).map(({ id }) => blindedKey(keys, id));
}

const keyOf = (agent: number): Buffer => Buffer.from(simulation.node.agent(agent), 'base64url');
const kinds = ({ lost, doubled, phantom, orphan, chainFaults }: IntegrityReport): readonly number[] => [
  lost,
  doubled,
  phantom,
  orphan,
  chainFaults,
];

describe('integrity', () => {
  it('holds for a run in which nothing went wrong', async () => {
    const report = await checkIntegrity(simulation.node, simulation.sent);

    expect(report).toMatchObject({ messages: 6, acknowledged: 6, shown: 6, failed: 0, witnesses: [] });
    expect([kinds(report), holds(report)]).toEqual([[0, 0, 0, 0, 0], true]);
  });

  it('is broken by messages that are gone at their recipient, though their authors were told of a delivery', async () => {
    const report = await found('delete from history where holder = $1', [keyOf(1)]);

    // Half of the six are agent 0's, and are phantoms; agent 1 does not have its own any more either.
    expect(report).toMatchObject({ lost: 6, phantom: 3 });
    expect(holds(report)).toBe(false);
    expect(report.witnesses.join('\n')).toContain('recipient nothing');
  });

  it('is not broken by an author who never learns, which is counted apart', async () => {
    const report = await found(DELIVERED_IS_UNKNOWN, [keyOf(0), keysOfSent(0)]);

    expect([report.orphan, report.shown]).toEqual([3, 3]);
    expect(holds(report)).toBe(true);
  });

  it('is broken by an author who shows as delivered what its recipient has as saved', async () => {
    const report = await found('delete from receipt where holder = $1 and status > 0', [keyOf(1)]);

    expect(report.phantom).toBe(3);
    expect(holds(report)).toBe(false);
  });

  it('is broken by messages that nobody is known to have sent, at each agent who holds them', async () => {
    const report = await checkIntegrity(simulation.node, simulation.sent.slice(1));

    expect(report).toMatchObject({ messages: 5, doubled: 2 });
    expect(holds(report)).toBe(false);
  });

  it('is broken by a message that was acknowledged, and is nowhere', async () => {
    const [first, ...others] = simulation.sent;
    if (first === undefined) throw new Error('nothing was sent');
    const forgotten: Sent = { ...first, id: `${first.id.slice(0, -4)}AAAA` as Sent['id'] };

    expect(await checkIntegrity(simulation.node, [forgotten, ...others])).toMatchObject({ lost: 1 });
    const refused = { ...forgotten, isAcknowledged: false };
    expect(await checkIntegrity(simulation.node, [refused, ...others])).toMatchObject({ lost: 0 });
  });

  it.each([
    ['a gap', 'delete from action where seq = 4 and author = $1'],
    [
      'a hash that is not the one before',
      'update action set prev_hash = set_byte(prev_hash, 0, get_byte(prev_hash, 0) # 1) where seq = 4 and author = $1',
    ],
    [
      'a signature of something else',
      'update action set signature = set_byte(signature, 0, get_byte(signature, 0) # 1) where seq = 4 and author = $1',
    ],
  ])('is broken by a chain with %s', async (_, sql) => {
    const report = await found(sql, [keyOf(0)]);

    expect(report.chainFaults).toBeGreaterThan(0);
    expect(holds(report)).toBe(false);
  });
});
