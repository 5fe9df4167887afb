import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AgentFences, CHUNK_BYTES, atHome, readChains, requireAtHome, viewOfChain } from '@musubi/cell';
import {
  AgentMovedError,
  type AgentPubKey,
  type MessageId,
  type StrategyName,
  parseAgentPubKey,
} from '@musubi/messaging';
import { fromBase64Url } from '@musubi/crypto';
import { transact } from '@musubi/database';
import { DeliveryNode } from '@musubi/testing';

const PLACEMENTS = ['source-chain', 'pairwise-dht', 'global-dht'] as const;
const SEQ = 7;

let node: DeliveryNode;
let fences: AgentFences;
let [alice, bob]: AgentPubKey[] = [];

beforeEach(async () => {
  node = await DeliveryNode.open();
  fences = new AgentFences(node.context.db);
  await fences.load();
  [alice, bob] = [await node.newAgent(), await node.newAgent()];
});

afterEach(async () => {
  await node.close();
});

function pair(): readonly [AgentPubKey, AgentPubKey] {
  if (alice === undefined || bob === undefined) throw new Error('there are no agents');
  return [alice, bob];
}

/** As an export does that has just opened the agent's key. */
async function raise(agent: AgentPubKey, seq: number): ReturnType<AgentFences['raise']> {
  const sql = 'select sealed from agent_key where agent = $1';
  const [row] = await node.context.db.query<{ sealed: Uint8Array }[]>(sql, [fromBase64Url(agent)]);
  return fences.raise(agent, { seq, sealed: row?.sealed ?? new Uint8Array() });
}

async function countOf(table: 'history' | 'receipt', holder: AgentPubKey): Promise<number> {
  const sql = `select count(*)::int as rows from ${table} where holder = $1`;
  const [row] = await node.context.db.query<{ rows: number }[]>(sql, [fromBase64Url(holder)]);
  return row?.rows ?? 0;
}

async function statusesOf(
  strategy: StrategyName,
  holder: AgentPubKey,
  message: MessageId,
): Promise<string[]> {
  const { receipts } = await node.strategies[strategy].messages.find({ holder, message });
  return receipts.map(({ status }) => status);
}

describe.each(PLACEMENTS)('of an agent that leaves, on %s', (strategy: StrategyName) => {
  it('refuses to save, to confirm, to read, to remove and to accept, and writes nothing', async () => {
    const [from, to] = pair();
    const placement = node.strategies[strategy];
    const [sent, got] = [await node.save(strategy, [from, to]), await node.save(strategy, [to, from])];
    for (const [holder, step] of [
      [from, sent],
      [to, got],
    ] as const)
      await node.attempts.first(holder, step);
    await node.whenIdle();
    expect(await statusesOf(strategy, from, sent.message)).toEqual(['saved', 'delivered']);

    await raise(from, SEQ);
    const before = [await countOf('history', from), await countOf('receipt', from)];

    await expect(node.save(strategy, [from, to])).rejects.toThrow(AgentMovedError);
    await expect(placement.read({ holder: from, message: got.message })).rejects.toThrow(AgentMovedError);
    await expect(placement.remove({ holder: from, message: sent.message })).rejects.toThrow(AgentMovedError);
    const owed = await node.save(strategy, [to, from]);
    await node.attempts.first(to, owed);
    await node.whenIdle();
    expect([await countOf('history', from), await countOf('receipt', from)]).toEqual(before);
    expect(await statusesOf(strategy, to, owed.message)).toEqual(['saved']);
  });

  it('writes all that it acknowledges and nothing after the fence, under load', async () => {
    const [from, to] = pair();
    await node.save(strategy, [from, to]);
    const saves = Array.from({ length: 40 }, () => node.save(strategy, [from, to]));
    const ending = Promise.allSettled(saves);
    // In the middle of them, wherever that is.
    await saves[3];
    await raise(from, SEQ);
    const atFence = await countOf('history', from);
    const ended = await ending;

    const saved = ended.filter(({ status }) => status === 'fulfilled').length;
    for (const end of ended)
      if (end.status === 'rejected') expect(end.reason).toBeInstanceOf(AgentMovedError);
    expect([await countOf('history', from), saved + 1]).toEqual([atFence, atFence]);
    for (const chain of await readChains(node.context.db)) {
      const { actions } = viewOfChain(chain);
      expect(actions.map(({ seq }) => seq)).toEqual(actions.map((_, index) => index));
    }
  });
});

describe('a fence', () => {
  it('is there after a restart, and keeps no other agent from writing', async () => {
    const [from, to] = pair();
    await raise(from, SEQ);
    const later = new AgentFences(node.context.db);
    await later.load();

    expect(later.find(from)).toEqual({ isMoved: false, seq: SEQ, isDeleted: false });
    expect(later.find(to)).toBeUndefined();
    await expect(node.save('source-chain', [to, from])).resolves.toMatchObject({ step: 'send' });
  });

  it('follows the records: elsewhere, and here again only for an agent that returns', async () => {
    const [from] = pair();
    const { db } = node.context;
    const follow = async (isHere: boolean, seq: number): Promise<void> => {
      await transact(db, (tx) => fences.follow(tx, from, { isHere, seq }));
      await fences.refresh(from);
    };

    await follow(true, 1);
    await follow(false, 2);
    expect(fences.find(from)).toEqual({ isMoved: true, seq: 2, isDeleted: false });
    await expect(follow(true, 3)).rejects.toThrow(AgentMovedError);
    await raise(from, 4);
    expect(fences.find(from)).toEqual({ isMoved: true, seq: 2, isDeleted: false });
    await expect(fences.whileReturning(from, () => follow(true, 5))).rejects.toThrow(AgentMovedError);
    expect(fences.find(from)).toEqual({ isMoved: true, seq: 2, isDeleted: false });
  });

  it('is lowered for an agent that returns before it came anywhere', async () => {
    const [from, to] = pair();
    const { db } = node.context;
    await raise(from, 2);
    await fences.whileReturning(from, () =>
      transact(db, (tx) => fences.follow(tx, from, { isHere: true, seq: 3 })),
    );

    expect(fences.find(from)).toBeUndefined();
    await expect(node.save('source-chain', [from, to])).resolves.toMatchObject({ step: 'send' });
  });

  it('of another agent is raised while an agent arrives, however long that takes', async () => {
    const [from, to] = pair();
    const { db } = node.context;
    await raise(to, SEQ);
    await transact(db, async (tx) => {
      await fences.arrive(tx);
      await requireAtHome(tx, from);
      await raise(from, SEQ);
    });

    expect(fences.find(from)).toEqual({ isMoved: false, seq: SEQ, isDeleted: false });
    await expect(transact(db, (tx) => atHome(() => requireAtHome(tx, to)))).rejects.toThrow(AgentMovedError);
  });

  it('is not raised when the passphrase was changed after the key was opened', async () => {
    const [from, to] = pair();

    expect(await fences.raise(from, { seq: SEQ, sealed: new Uint8Array(96) })).toBeUndefined();

    await expect(node.save('source-chain', [from, to])).resolves.toMatchObject({ step: 'send' });
  });

  it('is not made for an agent of another node', async () => {
    const stranger = parseAgentPubKey(`${'A'.repeat(42)}E`);
    await raise(stranger, SEQ);
    expect(fences.find(stranger)).toBeUndefined();
  });
});

describe('of an agent that leaves between the last chunk of an upload and its completion', () => {
  it('completes no file', async () => {
    const [agent] = pair();
    async function* leaving(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(CHUNK_BYTES);
      await raise(agent, SEQ);
    }

    const uploading = node.context.files.upload(node.keyring.keysOf(agent), {
      name: 'late.bin',
      mediaType: 'application/octet-stream',
      size: CHUNK_BYTES,
      content: leaving(),
      check: () => undefined,
    });

    await expect(uploading).rejects.toThrow(AgentMovedError);
    expect(await node.context.db.query('select from file where key is not null')).toEqual([]);
  });
});

describe('of an agent that leaves after an upload', () => {
  it('deletes no file', async () => {
    const [agent] = pair();
    const keys = node.keyring.keysOf(agent);
    async function* content(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(new Uint8Array(10));
    }
    const { id } = await node.context.files.upload(keys, {
      name: 'kept.bin',
      mediaType: 'application/octet-stream',
      size: 10,
      content: content(),
      check: () => undefined,
    });
    await raise(agent, SEQ);

    await expect(node.context.files.remove(keys, id)).rejects.toThrow(AgentMovedError);
    expect((await node.context.files.find(keys, id)).isWhole).toBe(true);
  });
});
