import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CHUNK_BYTES } from '@musubi/cell';
import { fromBase64Url, randomBytes } from '@musubi/crypto';
import { type AttemptOutcome } from '@musubi/delivery';
import {
  type AgentPubKey,
  FileIncompleteError,
  FileNotFoundError,
  FileQuotaExceededError,
  InvalidMessageError,
  type MessageFile,
  type MessageId,
  type StrategyName,
} from '@musubi/messaging';
import { DeliveryNode } from '@musubi/testing';
import { type FileTable, attemptOn, countOn, saveFileOn, uploadOn } from './support/file-acts.js';

const PLACEMENTS = ['source-chain', 'pairwise-dht', 'global-dht'] as const;
const CALLED = ['source-chain', 'pairwise-dht'] as const;
/** Of which the last one is not full. */
const CHUNKS = 4;
const SIZE = (CHUNKS - 1) * CHUNK_BYTES + 4321;
const DAY_S = 86_400;
const DAY_US = DAY_S * 1_000_000;

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

const upload = (agent: AgentPubKey, bytes: Uint8Array, at = node): Promise<MessageFile> =>
  uploadOn(at, agent, bytes);

async function contentFor(agent: AgentPubKey, { id, size }: MessageFile): Promise<Uint8Array> {
  const keys = node.keyring.keysOf(agent);
  const held = await node.context.files.find(keys, id);
  const parts: Uint8Array[] = [];
  for await (const part of node.context.files.bytes(keys, held, { first: 0, last: size - 1 }))
    parts.push(part.slice());
  return Buffer.concat(parts);
}

const save = (strategy: StrategyName, file: MessageFile): Promise<MessageId> =>
  saveFileOn(node, { strategy, author: alice, recipient: bob, file });

const attempt = (strategy: StrategyName, message: MessageId): Promise<AttemptOutcome> =>
  attemptOn(node, alice, { strategy, message });

const statusFor = async (holder: AgentPubKey, strategy: StrategyName, message: MessageId): Promise<string> =>
  (await node.strategies[strategy].messages.find({ holder, message })).status;

const count = (table: FileTable, agent: AgentPubKey): Promise<number> => countOn(node, table, agent);

const remove = (holder: AgentPubKey, strategy: StrategyName, message: MessageId): Promise<void> =>
  node.strategies[strategy].remove({ holder, message });

describe.each(PLACEMENTS)('a file on %s', (strategy) => {
  it('is delivered when its recipient holds every chunk, and has the same bytes', async () => {
    const bytes = randomBytes(SIZE);
    const file = await upload(alice, bytes);

    const message = await save(strategy, file);
    await attempt(strategy, message);

    expect(await statusFor(alice, strategy, message)).toBe('delivered');
    expect(await statusFor(bob, strategy, message)).toBe('delivered');
    expect(await count('file_chunk', bob)).toBe(CHUNKS);
    expect(Buffer.compare(await contentFor(bob, file), bytes)).toBe(0);
  });

  it('shares no chunk between the rows of author and recipient', async () => {
    const message = await save(strategy, await upload(alice, randomBytes(SIZE)));
    await attempt(strategy, message);

    const sql = `
      select count(*)::int as rows, count(distinct sealed)::int as bodies, count(distinct slot)::int as slots
      from file_chunk where holder = any($1::bytea[])`;
    const holders = [fromBase64Url(alice), fromBase64Url(bob)];
    expect(await node.context.db.query(sql, [holders])).toEqual([
      { rows: 2 * CHUNKS, bodies: 2 * CHUNKS, slots: 2 },
    ]);
  });

  it('is freed with the last message that refers to it', async () => {
    const file = await upload(alice, randomBytes(SIZE));
    const [first, second] = [await save(strategy, file), await save(strategy, file)];
    for (const message of [first, second]) await attempt(strategy, message);

    await remove(bob, strategy, first);
    expect([await count('file_chunk', bob), await count('file_use', bob)]).toEqual([CHUNKS, 1]);
    await remove(bob, strategy, second);
    expect([await count('file_chunk', bob), await count('file', bob)]).toEqual([0, 0]);
    expect(await count('file_chunk', alice)).toBe(CHUNKS);
    await expect(contentFor(bob, file)).rejects.toThrow(FileNotFoundError);
  });

  it('saves no message that says something else of its file', async () => {
    const file = await upload(alice, randomBytes(10));

    await expect(save(strategy, { ...file, size: 11 })).rejects.toThrow(InvalidMessageError);
    await expect(
      save(strategy, { ...file, digest: (await upload(alice, randomBytes(9))).digest }),
    ).rejects.toThrow(InvalidMessageError);
  });

  it('is kept by its author alone in a message to itself, and freed with it', async () => {
    const file = await upload(alice, randomBytes(SIZE));
    const draft = { ...node.draft(alice, alice), payload: { type: 'file', text: 'mine', file } as const };
    const { message } = await node.strategies[strategy].save(draft);

    expect(await statusFor(alice, strategy, message)).toBe('read');
    await remove(alice, strategy, message);
    expect(await count('file', alice)).toBe(0);
  });
});

describe.each(CALLED)('the transfer on %s', (strategy) => {
  const fn = `${strategy}/receive_chunk`;

  /** Fails the third chunk's call, and counts the calls for chunks. */
  function strikeThird(kind: 'not-sent' | 'reply-lost'): () => number {
    let calls = 0;
    node.faults.set([{ fn, fault: { kind }, probability: 0.5 }], () => {
      calls += 1;
      return calls === 3 ? 0 : 1;
    });
    return () => calls;
  }

  it.each([
    ['not-sent', 2],
    ['reply-lost', 1],
  ] as const)('goes on with what is missing when the third call ends as %s', async (kind, missing) => {
    const bytes = randomBytes(SIZE);
    const file = await upload(alice, bytes);
    const calls = strikeThird(kind);

    const message = await save(strategy, file);
    const first = await attempt(strategy, message);

    expect([first.kind, calls(), await statusFor(alice, strategy, message)]).toEqual([
      'postponed',
      3,
      'saved',
    ]);
    expect(await count('file_chunk', bob)).toBe(CHUNKS - missing);
    await expect(statusFor(bob, strategy, message)).rejects.toThrow('no such message');
    await expect(contentFor(bob, file)).rejects.toThrow(FileNotFoundError);

    await attempt(strategy, message);

    expect([calls(), await statusFor(alice, strategy, message)]).toEqual([3 + missing, 'delivered']);
    expect(Buffer.compare(await contentFor(bob, file), bytes)).toBe(0);
    const { items } = await node.strategies[strategy].messages.list(bob, {
      anchor: { at: 'latest' },
      limit: 10,
    });
    expect(items.map(({ message: { id } }) => id)).toEqual([message]);
  });

  it('brings nothing to a recipient that blocks its author', async () => {
    await node.context.writers.block(bob, alice);
    const message = await save(strategy, await upload(alice, randomBytes(10)));

    expect((await attempt(strategy, message)).kind).toBe('failed');
    expect(await count('file', bob)).toBe(0);
  });
});

describe('what arrives', () => {
  it('is refused when it is not what the message says', async () => {
    const { files } = node.context;
    const [mine, theirs] = [node.keyring.keysOf(alice), node.keyring.keysOf(bob)];
    const file = await upload(alice, randomBytes(SIZE));
    const held = await files.find(mine, file.id);
    const other = await upload(alice, randomBytes(SIZE));
    const chunks = await Promise.all(
      held.names.map((_, place) => files.store.sealedChunk(mine, held, place)),
    );
    const chunkAt = (place: number): Uint8Array => chunks[place] ?? new Uint8Array();

    const wrong = { file: { ...file, id: other.id }, manifest: held.manifest };
    await expect(files.expect(theirs, wrong)).rejects.toThrow(InvalidMessageError);
    expect(await files.expect(theirs, { file, manifest: held.manifest })).toHaveLength(CHUNKS);
    const misplaced = files.take(theirs, file.id, { place: 0, sealed: chunkAt(1) });
    await expect(misplaced).rejects.toThrow(InvalidMessageError);
    await expect(files.require(theirs, file)).rejects.toThrow(FileIncompleteError);
    for (const place of chunks.keys()) await files.take(theirs, file.id, { place, sealed: chunkAt(place) });
    await expect(files.require(theirs, { ...file, digest: other.digest })).rejects.toThrow(
      InvalidMessageError,
    );
    await expect(files.require(theirs, file)).resolves.toBeInstanceOf(Uint8Array);
  });

  it('expires on the second day after when no message refers to it, and else stays', async () => {
    const kept = await upload(alice, randomBytes(10));
    await save('source-chain', kept);
    const toNoon = (1.5 * DAY_US - (node.clock.now() % DAY_US)) / 1_000_000;
    node.clock.set(toNoon);
    const forgotten = await upload(alice, randomBytes(10));

    node.clock.set(DAY_S);
    await upload(alice, randomBytes(10));
    expect(await count('file', alice)).toBe(3);
    node.clock.set(DAY_S);
    await upload(alice, randomBytes(10));

    expect(await count('file', alice)).toBe(3);
    await expect(contentFor(alice, forgotten)).rejects.toThrow(FileNotFoundError);
    expect(await contentFor(alice, kept)).toHaveLength(10);
  });

  it('is bounded by the quota of its holder, and leaves nothing when it is too much', async () => {
    const small = await DeliveryNode.open({ fileQuotaBytes: 100_000 });
    try {
      const agent = await small.newAgent();
      await upload(agent, randomBytes(80_000), small);
      await expect(upload(agent, randomBytes(20_000), small)).rejects.toThrow(FileQuotaExceededError);
      const files = await small.context.db.query<unknown[]>('select from file');
      expect(files).toHaveLength(1);
    } finally {
      await small.close();
    }
  });
});
