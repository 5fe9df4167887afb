import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fromBase64Url } from '@musubi/crypto';
import { expectNoSchemaDrift } from '@musubi/database/testing';
import fc from 'fast-check';
import { PostgresAgentRecordStore } from '@musubi/membership';
import { agentNumber, agentRecord, day, nodeNumber, nodeRecord } from './support/people.js';
import { NODE_SECRET, ROOMY, type Stores, inMemoryHarness, postgresHarness } from './support/stores.js';

let harness: Awaited<ReturnType<typeof postgresHarness>>;

beforeAll(async () => {
  harness = await postgresHarness();
});
beforeEach(() => harness.clear());
afterAll(() => harness.close());

it('has the tables that the entity schemas say', async () => {
  await expect(expectNoSchemaDrift(harness.database.dataSource)).resolves.toBeUndefined();
});

it('has the same records when it is opened again', async () => {
  const record = agentRecord(agentNumber(1), nodeNumber(1));
  await harness.open(ROOMY).agents.put(record, nodeNumber(2).key);
  expect(await harness.open(ROOMY).agents.find(agentNumber(1).agent)).toMatchObject({
    record,
    isPinned: false,
  });
});

describe('the rows of agents', () => {
  it('show neither the agent nor its node nor who told it', async () => {
    const { agent } = agentNumber(1);
    await harness.open(ROOMY).agents.put(agentRecord(agentNumber(1), nodeNumber(1)), nodeNumber(2).key);
    await harness.open(ROOMY).agents.put(agentRecord(agentNumber(1), nodeNumber(3)), nodeNumber(2).key);
    const [row] = await harness.database.dataSource.query<Record<string, unknown>[]>(
      'select * from agent_record',
    );
    const bytes = Buffer.concat(Object.values(row ?? {}).filter((value) => value instanceof Uint8Array));
    expect(bytes.length).toBeGreaterThan(256);
    for (const key of [agent, nodeNumber(1).key, nodeNumber(2).key, nodeNumber(3).key])
      expect(bytes.includes(Buffer.from(fromBase64Url(key)))).toBe(false);
  });

  it('are opened with no other secret', async () => {
    await harness.open(ROOMY).agents.put(agentRecord(agentNumber(1), nodeNumber(1)), null);
    const { dataSource } = harness.database;
    const others = new PostgresAgentRecordStore(
      dataSource,
      NODE_SECRET.map((byte) => byte + 1),
      ROOMY,
    );
    expect(await others.find(agentNumber(1).agent)).toBeUndefined();
  });
});

interface Put {
  readonly node: number;
  readonly seq: number;
  readonly content: number;
  readonly toldBy: number | null;
  readonly contact: number | null;
}

const puts: fc.Arbitrary<readonly Put[]> = fc.array(
  fc.record({
    node: fc.integer({ min: 1, max: 7 }),
    seq: fc.integer({ min: 1, max: 3 }),
    content: fc.integer({ min: 0, max: 2 }),
    toldBy: fc.option(fc.integer({ min: 10, max: 12 }), { freq: 6 }),
    contact: fc.option(fc.integer({ min: 0, max: 3 }), { freq: 1 }),
  }),
  { maxLength: 25 },
);

/** What each put came to, and what is there in the end. */
async function played({ peers }: Stores, steps: readonly Put[]): Promise<unknown> {
  const outcomes: string[] = [];
  for (const { node, seq, content, toldBy, contact } of steps) {
    const identity = nodeNumber(node);
    const addresses = Array.from(
      { length: content },
      (_, index) => `tcp://192.0.2.${index}:1/${'a'.repeat(90)}`,
    );
    const teller = toldBy === null ? null : nodeNumber(toldBy).key;
    outcomes.push(await peers.put(nodeRecord(identity, { seq, addresses }), teller));
    if (contact !== null) await peers.noteContact(identity.key, day(contact));
  }
  return { outcomes, left: await peers.list(null, 100) };
}

it('decides and evicts as the store in memory does', async () => {
  const limits = { maxRecords: 4, maxBytes: 1000 };
  await fc.assert(
    fc.asyncProperty(puts, async (steps) => {
      await harness.clear();
      const inMemory = await inMemoryHarness();
      expect(await played(harness.open(limits), steps)).toEqual(await played(inMemory.open(limits), steps));
    }),
    { numRuns: 40 },
  );
});
