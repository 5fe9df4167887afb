import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type OutboxKey, type Reading } from '@musubi/cell';
import { fromBase64Url } from '@musubi/crypto';
import {
  type AgentPubKey,
  MessageDeletedError,
  type MessageRef,
  STRATEGY_NAMES,
  type StrategyName,
} from '@musubi/messaging';
import { DeliveryNode } from '@musubi/testing';
import { untilEqual } from '../../../test/support/until.js';

/** What leaves the reader, or shows to anybody else that something happened. */
const SHOWN = `(select count(*) from outbox where holder = $1) + (select count(*) from receipt where holder = $1)
  + (select count(*) from action) + (select count(*) from dht_link) + (select count(*) from integrated_record)`;
const MANY = 24;

let node: DeliveryNode;
let alice: AgentPubKey;
let bob: AgentPubKey;

beforeAll(async () => {
  node = await DeliveryNode.open();
});

beforeEach(async () => {
  [alice, bob] = [await node.newAgent(), await node.newAgent()];
});

afterEach(() => {
  jest.restoreAllMocks();
});

afterAll(() => node.close());

const reading = (): Reading => node.context.writers.reading;

async function shownOf(reader: AgentPubKey): Promise<number> {
  const sql = `select ${SHOWN} as rows`;
  const [row] = await node.context.db.query<{ rows: string }[]>(sql, [fromBase64Url(reader)]);
  return Number(row?.rows);
}

async function statusOf(strategy: StrategyName, ref: MessageRef): Promise<string> {
  return (await node.strategies[strategy].messages.find(ref)).status;
}

async function unreadOf(strategy: StrategyName, holder: AgentPubKey): Promise<number | undefined> {
  const { items } = await node.strategies[strategy].messages.conversations(holder, { limit: 1 });
  return items[0]?.unread;
}

async function delivered(strategy: StrategyName): Promise<OutboxKey> {
  const step = await node.save(strategy, [alice, bob]);
  await node.attempts.first(alice, step);
  await untilEqual('delivered', () => statusOf(strategy, { holder: alice, message: step.message }));
  await node.whenIdle();
  return step;
}

describe.each(STRATEGY_NAMES)('reading on %s', (strategy) => {
  const read = ({ message }: OutboxKey): Promise<unknown> =>
    node.strategies[strategy].read({ holder: bob, message });

  it('commits nothing that anybody sees where the reader tells nobody, and nothing is unread', async () => {
    const step = await delivered(strategy);
    expect(await unreadOf(strategy, bob)).toBe(1);
    await reading().tell(bob, false);
    const before = await shownOf(bob);

    expect(await read(step)).toBeNull();
    expect(await read(step)).toBeNull();
    expect(await shownOf(bob)).toBe(before);
    expect(await unreadOf(strategy, bob)).toBe(0);
    expect(await statusOf(strategy, { holder: bob, message: step.message })).toBe('delivered');
  });

  it('is refused for what the reader deleted unread, as nobody could be told of it', async () => {
    const step = await delivered(strategy);
    await node.strategies[strategy].remove({ holder: bob, message: step.message });
    const before = await shownOf(bob);

    await expect(read(step)).rejects.toThrow(MessageDeletedError);
    expect(await shownOf(bob)).toBe(before);
  });

  /** The first reading has seen that the message is unread, and commits only after this. */
  function beforeItsCommit(work: () => Promise<unknown>): void {
    const mark = reading().mark.bind(reading());
    jest.spyOn(reading(), 'mark').mockImplementationOnce(async (...marking: Parameters<Reading['mark']>) => {
      await work();
      return mark(...marking);
    });
  }

  it('tells nothing of what another device has read meanwhile while the switch was off', async () => {
    const step = await delivered(strategy);
    let before = 0;
    beforeItsCommit(async () => {
      await reading().tell(bob, false);
      expect(await read(step)).toBeNull();
      await reading().tell(bob, true);
      before = await shownOf(bob);
    });

    expect(await read(step)).toBeNull();
    expect(await shownOf(bob)).toBe(before);
  });

  it('answers the receipt that another device has made meanwhile, though the switch is off since', async () => {
    const step = await delivered(strategy);
    let receipt: unknown;
    beforeItsCommit(async () => {
      receipt = await read(step);
      await reading().tell(bob, false);
    });

    expect(await read(step)).toEqual(receipt);
    expect(receipt).toMatchObject({ status: 'read', by: bob });
  });

  it('tells nothing of what another device has deleted meanwhile', async () => {
    const step = await delivered(strategy);
    let before = 0;
    beforeItsCommit(async () => {
      await node.strategies[strategy].remove({ holder: bob, message: step.message });
      before = await shownOf(bob);
    });

    await expect(read(step)).rejects.toThrow(MessageDeletedError);
    expect(await shownOf(bob)).toBe(before);
  });

  it('makes no receipt after the answer to a change that races it', async () => {
    const steps: OutboxKey[] = [];
    for (let count = 0; count < MANY; count += 1) steps.push(await delivered(strategy));
    const racing = steps.map((step) => read(step));
    await reading().tell(bob, false);
    const sql = 'select count(*)::int as rows from receipt where holder = $1 and status = 2';
    const [told] = await node.context.db.query<{ rows: number }[]>(sql, [fromBase64Url(bob)]);
    const receipts = await Promise.all(racing);

    const [later] = await node.context.db.query<{ rows: number }[]>(sql, [fromBase64Url(bob)]);
    expect(later).toEqual(told);
    expect(receipts.filter((receipt) => receipt !== null)).toHaveLength(told?.rows ?? -1);
    expect(await unreadOf(strategy, bob)).toBe(0);
  });
});
