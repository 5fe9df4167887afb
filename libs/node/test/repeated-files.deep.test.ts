import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CHUNK_BYTES } from '@musubi/cell';
import { fromBase64Url, randomBytes } from '@musubi/crypto';
import { type AttemptOutcome } from '@musubi/delivery';
import {
  type AgentPubKey,
  FileIncompleteError,
  type MessageFile,
  type MessageId,
  type StrategyName,
} from '@musubi/messaging';
import { DeliveryNode } from '@musubi/testing';
import { type FileTable, attemptOn, countOn, saveFileOn, uploadOn } from './support/file-acts.js';

const PLACEMENTS = ['source-chain', 'pairwise-dht', 'global-dht'] as const;
const CALLED = ['source-chain', 'pairwise-dht'] as const;
const CHUNKS = 4;
const DAY_S = 86_400;
const SIZE = (CHUNKS - 1) * CHUNK_BYTES + 4321;

let node: DeliveryNode;
let alice: AgentPubKey;
let bob: AgentPubKey;

beforeAll(async () => {
  node = await DeliveryNode.open();
});

beforeEach(async () => {
  node.faults.set([]);
  [alice, bob] = [await node.newAgent(), await node.newAgent()];
});

afterAll(() => node.close());

const upload = (bytes: Uint8Array): Promise<MessageFile> => uploadOn(node, alice, bytes);

const save = (strategy: StrategyName, file: MessageFile): Promise<MessageId> =>
  saveFileOn(node, { strategy, author: alice, recipient: bob, file });

const attempt = (strategy: StrategyName, message: MessageId): Promise<AttemptOutcome> =>
  attemptOn(node, alice, { strategy, message });

const statusFor = async (holder: AgentPubKey, strategy: StrategyName, message: MessageId): Promise<string> =>
  (await node.strategies[strategy].messages.find({ holder, message })).status;

const count = (table: FileTable, agent: AgentPubKey): Promise<number> => countOn(node, table, agent);

describe.each(PLACEMENTS)('a message with a file on %s', (strategy) => {
  it('is saved once when it is saved again', async () => {
    const file = await upload(randomBytes(10));
    const draft = { ...node.draft(alice, bob), payload: { type: 'file', text: null, file } as const };

    const first = await node.strategies[strategy].save(draft);

    expect(await node.strategies[strategy].save(draft)).toEqual(first);
    expect([await count('file_use', alice), await node.owedCount()]).toEqual([1, 1]);
    await attempt(strategy, first.message);
    expect([await count('file_use', bob), await node.owedCount()]).toEqual([1, 0]);
  });
});

describe.each(PLACEMENTS)('a file on %s of which a part came two days ago', (strategy) => {
  let file: MessageFile;
  let message: MessageId;

  beforeEach(async () => {
    const { files } = node.context;
    const [mine, theirs] = [node.keyring.keysOf(alice), node.keyring.keysOf(bob)];
    file = await upload(randomBytes(SIZE));
    message = await save(strategy, file);
    const held = await files.find(mine, file.id);
    await files.expect(theirs, held);
    await files.take(theirs, file.id, { place: 0, sealed: await files.store.sealedChunk(mine, held, 0) });
    node.clock.set(2.5 * DAY_S);
  });

  /** Before the next chunk is taken, or stored. */
  function before(step: 'take' | 'addChunk', happens: () => Promise<unknown>): void {
    const { files } = node.context;
    const once = async (): Promise<void> => {
      jest.restoreAllMocks();
      await happens();
    };
    const [take, addChunk] = [files.take.bind(files), files.store.addChunk.bind(files.store)];
    if (step === 'take')
      jest.spyOn(files, 'take').mockImplementationOnce((...args) => once().then(() => take(...args)));
    else
      jest
        .spyOn(files.store, 'addChunk')
        .mockImplementationOnce((...args) => once().then(() => addChunk(...args)));
  }

  const dropped = (): Promise<unknown> =>
    node.context.db.query('delete from file where holder = $1', [fromBase64Url(bob)]);

  it('does not expire while the rest comes', async () => {
    const begun = await rowOf(bob);
    before('take', () => upload(randomBytes(10)));

    await attempt(strategy, message);

    expect(await statusFor(alice, strategy, message)).toBe('delivered');
    expect(await rowOf(bob)).toEqual(begun);
  });

  it('is incomplete for a chunk that comes while it goes', async () => {
    const { files } = node.context;
    const [mine, theirs] = [node.keyring.keysOf(alice), node.keyring.keysOf(bob)];
    const sealed = await files.store.sealedChunk(mine, await files.find(mine, file.id), 1);
    before('addChunk', dropped);

    const taking = files.take(theirs, file.id, { place: 1, sealed });

    await expect(taking).rejects.toThrow(FileIncompleteError);
  });

  it.each(['take', 'addChunk'] as const)('comes again when it goes before %s', async (step) => {
    const begun = await rowOf(bob);
    before(step, dropped);

    const { kind } = await attempt(strategy, message);
    expect(kind).toBe(strategy === 'global-dht' ? 'handed-over' : 'postponed');
    if (strategy === 'global-dht') await node.strategies[strategy].poll(5000);
    await attempt(strategy, message);

    expect(await statusFor(alice, strategy, message)).toBe('delivered');
    expect(await rowOf(bob)).not.toEqual(begun);
  });
});

async function rowOf(agent: AgentPubKey): Promise<unknown> {
  return node.context.db.query('select slot from file where holder = $1', [fromBase64Url(agent)]);
}

it('shows no more of its size in a row than the size class of its last chunk', async () => {
  const bytesFor = async (size: number): Promise<unknown> => {
    await upload(randomBytes(size));
    const sql = 'delete from file where holder = $1 returning bytes';
    return node.context.db.query(sql, [fromBase64Url(alice)]);
  };

  const [first, same, other] = [await bytesFor(SIZE), await bytesFor(SIZE + 1), await bytesFor(SIZE + 1000)];

  expect(same).toEqual(first);
  expect(other).not.toEqual(first);
});

it.each(PLACEMENTS)(
  'tells of no failure on %s when the author deletes the message while it is sent',
  async (strategy) => {
    const message = await save(strategy, await upload(randomBytes(SIZE)));
    const told: unknown[] = [];
    const stop = node.context.signals.subscribe(alice, ({ type }) => told.push(type));
    const { files } = node.context;
    const find = files.find.bind(files);
    jest.spyOn(files, 'find').mockImplementationOnce(async (...args) => {
      jest.restoreAllMocks();
      await node.strategies[strategy].remove({ holder: alice, message });
      return find(...args);
    });

    await attempt(strategy, message);

    stop();
    expect(await count('file', alice)).toBe(0);
    expect(told).not.toContain('delivery-failed');
  },
);

describe.each(CALLED)('a delivery with a file on %s', (strategy) => {
  /** Counts the calls for chunks. */
  function chunkCalls(): () => number {
    let calls = 0;
    const rule = { fn: `${strategy}/receive_chunk`, fault: { kind: 'not-sent' }, probability: 0.5 } as const;
    node.faults.set([rule], () => {
      calls += 1;
      return 1;
    });
    return () => calls;
  }

  it('brings each chunk once when it is begun four times at the same moment', async () => {
    const message = await save(strategy, await upload(randomBytes(SIZE)));
    const calls = chunkCalls();

    const outcomes = await Promise.all(Array.from({ length: 4 }, () => attempt(strategy, message)));

    expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'done', 'done', 'done']);
    expect(calls()).toBe(CHUNKS);
    expect(await statusFor(alice, strategy, message)).toBe('delivered');
    expect([await count('file', bob), await count('file_use', bob)]).toEqual([1, 1]);
  });

  it.each([
    ['is there', 1],
    ['has gone', 0],
  ])('is answered with the stored receipt the second time when the file %s', async (_, files) => {
    const message = await save(strategy, await upload(randomBytes(10)));
    await attemptUnheard(strategy, message);
    const first = await node.strategies[strategy].messages.find({ holder: bob, message });
    if (files === 0) await node.strategies[strategy].remove({ holder: bob, message });

    const again = await attempt(strategy, message);

    const receipt = first.receipts.find(({ status }) => status === 'delivered');
    expect(again).toEqual({ kind: 'done', receipt });
    expect(await statusFor(alice, strategy, message)).toBe('delivered');
    expect([await count('file', bob), await count('file_use', bob)]).toEqual([files, files]);
  });

  /** The recipient takes the file and the message, and its author does not hear of it. */
  async function attemptUnheard(of: typeof strategy, message: MessageId): Promise<void> {
    const fn = of === 'source-chain' ? 'source-chain/receive_message' : 'pairwise-dht/integrate_records';
    // The file is asked for in a reply.
    node.faults.set([{ fn, fault: { kind: 'reply-lost' }, probability: 0.5 }], afterFirst());
    expect((await attempt(of, message)).kind).toBe('postponed');
    node.faults.set([]);
    expect(await statusFor(bob, of, message)).toBe('delivered');
  }
});

/** Strikes all but the first. */
function afterFirst(): () => number {
  let strikes = 0;
  return () => {
    strikes += 1;
    return strikes === 1 ? 1 : 0;
  };
}
