import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { randomBytes, toBase64Url } from '@musubi/crypto';
import { type AgentPubKey, type MessageId, type ReceiptStatus, parseNonce } from '@musubi/messaging';
import { type TestNode, openTestNode } from '@musubi/testing';
import { untilEqual } from '../../../test/support/until.js';
import { GlobalDhtStrategy, globalDhtDatabase } from '../src/index.js';

let node: TestNode;
let strategy: GlobalDhtStrategy;
let alice: AgentPubKey;
let bob: AgentPubKey;

/** No poll comes to the rescue. */
const open = (): GlobalDhtStrategy => new GlobalDhtStrategy(node.context, { pollMs: 600_000 });

beforeEach(async () => {
  node = await openTestNode({ parts: [globalDhtDatabase] });
  strategy = open();
  [alice, bob] = [(await node.context.keyring.create()).agent, (await node.context.keyring.create()).agent];
  for (const agent of [alice, bob]) {
    await strategy.join(agent);
    await strategy.activate(agent);
  }
});

afterEach(async () => {
  await strategy.destroy();
  await node.close();
});

async function save(): Promise<MessageId> {
  const nonce = parseNonce(toBase64Url(randomBytes(16)));
  const payload = { type: 'text', text: 'hello' } as const;
  const draft = {
    author: alice,
    recipient: bob,
    payload,
    replyTo: null,
    sentAt: node.context.clock.now(),
    nonce,
  };
  return (await strategy.save(draft)).message;
}

async function statusOf(message: MessageId): Promise<ReceiptStatus> {
  return (await strategy.messages.find({ holder: alice, message })).status;
}

/** Every query that is made while the work is done. */
async function queriesOf(work: () => Promise<unknown>): Promise<readonly string[]> {
  const query = jest.spyOn(node.context.db, 'query');
  await work();
  const made = query.mock.calls.map(([sql]) => sql);
  query.mockRestore();
  return made;
}

describe('a watch', () => {
  it('has a peer that was first written to while its agent went and came back', async () => {
    const { db } = node.context;
    const query = db.query.bind(db);
    jest.spyOn(db, 'query').mockImplementation(async (sql, parameters) => {
      if (sql.includes('insert into mailbox_contact')) {
        jest.restoreAllMocks();
        await strategy.deactivate(alice);
        await strategy.activate(alice);
      }
      return query(sql, parameters);
    });

    const message = await save();
    await strategy.send({ holder: alice, message });

    await untilEqual('delivered', () => statusOf(message));
  });

  it('hears pushes when its agent went while it was still being loaded, and came back', async () => {
    await strategy.deactivate(bob);
    await strategy.activate(bob);
    await strategy.deactivate(bob);
    await strategy.whenIdle();
    for (const turns of [1, 2, 3, 4, 5, 6]) {
      await strategy.activate(bob);
      for (let turn = 0; turn < turns; turn += 1) await setImmediate();
      await strategy.deactivate(bob);
    }
    await strategy.activate(bob);
    await strategy.whenIdle();

    const message = await save();
    await strategy.send({ holder: alice, message });

    await untilEqual('delivered', () => statusOf(message));
  });

  it('takes what was pushed without a look at the DHT', async () => {
    const first = await save();
    await strategy.send({ holder: alice, message: first });
    await untilEqual('delivered', () => statusOf(first));
    // What the first contact has begun besides is over.
    await strategy.whenIdle();
    const second = await save();

    const queries = await queriesOf(async () => {
      await strategy.send({ holder: alice, message: second });
      await untilEqual('delivered', () => statusOf(second));
    });

    expect(queries.filter((sql) => sql.includes('from dht_link'))).toEqual([]);
  });

  it('asks for what it has, and writes none of it again, after a restart', async () => {
    const message = await save();
    await strategy.send({ holder: alice, message });
    await untilEqual('delivered', () => statusOf(message));
    await strategy.destroy();
    strategy = open();

    const queries = await queriesOf(async () => {
      for (const agent of [alice, bob]) await strategy.activate(agent);
      await strategy.whenIdle();
    });

    expect(queries.some((sql) => sql.includes('from dht_link'))).toBe(true);
    expect(queries.filter((sql) => /insert into (history|receipt|action|dht_\w+) /.test(sql))).toEqual([]);
  });
});
