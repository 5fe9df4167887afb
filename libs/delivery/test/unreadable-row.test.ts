import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type OutboxKey } from '@musubi/cell';
import { fromBase64Url } from '@musubi/crypto';
import { OutboxStore, USUAL_PATIENCE } from '@musubi/delivery';
import { AgentOfflineError, type AgentPubKey } from '@musubi/messaging';
import { blindedKey } from '@musubi/receipts';
import { DeliveryNode } from '@musubi/testing';
import { untilEqual } from '../../../test/support/until.js';

let node: DeliveryNode;
let alice: AgentPubKey;
let bob: AgentPubKey;

beforeEach(async () => {
  node = await DeliveryNode.open();
  alice = await node.newAgent();
  bob = await node.newAgent();
});

afterEach(() => node.close());

const LEASED_S = 25;

/** Everything is leased to its maker, and its maker is gone. */
async function enqueue(count: number): Promise<readonly OutboxKey[]> {
  const outboxKey: OutboxKey[] = [];
  for (let made = 0; made < count; made += 1) outboxKey.push(await node.save('source-chain', [alice, bob]));
  node.clock.advance(LEASED_S);
  return outboxKey;
}

async function change(outboxKey: OutboxKey, column: string, value: unknown): Promise<void> {
  await node.database.dataSource.query(`update outbox set ${column} = $1 where holder = $2 and key = $3`, [
    value,
    fromBase64Url(alice),
    blindedKey(node.keyring.keysOf(alice), outboxKey.message),
  ]);
}

/** As `where key = …` takes it. */
function sqlKey({ message }: OutboxKey): string {
  return `\\x${Buffer.from(blindedKey(node.keyring.keysOf(alice), message)).toString('hex')}`;
}

const statusOf = async ({ message }: OutboxKey): Promise<string> =>
  (await node.strategies['source-chain'].messages.find({ holder: alice, message })).status;

describe('one outbox row that cannot be read', () => {
  it.each([
    ['is damaged', new Uint8Array(8)],
    ['is empty', new Uint8Array()],
  ])('is given up and logged, and keeps no other from its recipient: it %s', async (_, bytes) => {
    const [bad, ...good] = await enqueue(5);
    if (bad === undefined) throw new Error('nothing is pending');
    await change(bad, 'message', bytes);

    node.startWorker();

    for (const outboxKey of good) await untilEqual('delivered', () => statusOf(outboxKey));
    const work = await node.outbox.find(node.keyring.keysOf(alice), bad);
    expect(work).toMatchObject({ isFailed: true, lastError: 'outbox-row-unreadable' });
    node.clock.advance(LEASED_S);
    expect(await node.outbox.claim({ holders: [alice], busyLanes: [], limit: 8 })).toEqual([]);
    expect(node.log.lines).toEqual([JSON.stringify({ event: 'outbox-row-unreadable', key: sqlKey(bad) })]);
  });

  it('is given up where it names the message of another row', async () => {
    const [bad, other] = await enqueue(2);
    if (bad === undefined || other === undefined) throw new Error('nothing is pending');
    const keys = node.keyring.keysOf(alice);
    const [row] = await node.database.dataSource.query<{ message: Uint8Array }[]>(
      'select message from outbox where key = $1',
      [blindedKey(keys, other.message)],
    );
    await change(bad, 'message', row?.message);

    node.startWorker();

    await untilEqual('delivered', () => statusOf(other));
    expect(await node.outbox.find(keys, bad)).toMatchObject({ isFailed: true });
  });

  it('is mended when its owner asks for another attempt', async () => {
    const [bad] = await enqueue(1);
    if (bad === undefined) throw new Error('nothing is pending');
    await change(bad, 'message', new Uint8Array(8));
    await node.outbox.claim({ holders: [alice], busyLanes: [], limit: 8 });
    await node.goOffline(bob);

    expect(await node.attempts.retry(alice, bad)).toMatchObject({ kind: 'postponed' });
    await node.goOnline(bob);
    node.startWorker();
    node.clock.advance(LEASED_S);

    await untilEqual('delivered', () => statusOf(bad));
  });
});

describe.each([
  ['step', 'forwarded'],
  ['placement', 'carrier-pigeon'],
])('one outbox row with a %s of a newer version', (column, value) => {
  it('is left to it, and keeps no other from its recipient', async () => {
    const [newer, ...known] = await enqueue(3);
    if (newer === undefined) throw new Error('nothing is pending');
    await change(newer, column, value);
    const read = async (): Promise<unknown> =>
      node.database.dataSource.query(`select * from outbox where ${column} = '${value}'`);
    const before = await read();

    node.startWorker();

    for (const outboxKey of known) await untilEqual('delivered', () => statusOf(outboxKey));
    expect(await read()).toEqual(before);
  });
});

describe('an agent who signs out while steps are taken', () => {
  it('keeps none of the others from theirs, and finds its own due', async () => {
    const carol = await node.newAgent();
    const [outboxKey] = await enqueue(1);
    await node.save('source-chain', [carol, bob]);
    node.clock.advance(LEASED_S);
    const { clock, log, keyring } = node;
    const store = new OutboxStore({
      db: node.database.dataSource,
      clock,
      log,
      leaseUs: 20_000_000,
      patience: USUAL_PATIENCE,
      keysOf: (agent) => {
        if (agent === carol) throw new AgentOfflineError('signed out');
        return keyring.keysOf(agent);
      },
    });

    const taken = await store.claim({ holders: [alice, carol], busyLanes: [], limit: 8 });

    expect(taken).toMatchObject([{ holder: alice, outboxKey }]);
    expect(await node.outbox.claim({ holders: [carol], busyLanes: [], limit: 8 })).toMatchObject([
      { holder: carol },
    ]);
  });
});

describe('steps of agents who are away', () => {
  it('keep nobody from theirs, however many there are', async () => {
    await enqueue(1);
    // Copies of one row, more than a look sees, all due before anything else.
    await node.database.dataSource.query(
      `insert into outbox select decode(lpad(to_hex(n), 64, '0'), 'hex'), placement, key, step, lane, message, attempt,
         due_at - 1, is_failed, last_error from outbox, generate_series(1, 700) as n`,
    );
    const scope = { holders: [alice], busyLanes: [], limit: 8 };

    expect(await node.outbox.nextDue(scope)).not.toBeNull();
    expect(await node.outbox.claim(scope)).toHaveLength(1);
    expect(await node.outbox.claim(scope)).toHaveLength(0);
  });
});
