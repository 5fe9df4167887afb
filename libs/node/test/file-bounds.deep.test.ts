import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CHUNK_BYTES } from '@musubi/cell';
import { fromBase64Url, randomBytes } from '@musubi/crypto';
import { transact } from '@musubi/database';
import {
  type AgentPubKey,
  FileIncompleteError,
  FileQuotaExceededError,
  InvalidMessageError,
  type MessageFile,
  type MessageId,
  type StrategyName,
} from '@musubi/messaging';
import { DeliveryNode } from '@musubi/testing';
import { untilEqual } from '../../../test/support/until.js';
import { type FileTable, attemptOn, countOn, saveFileOn, uploadOn } from './support/file-acts.js';

const PLACEMENTS = ['source-chain', 'pairwise-dht', 'global-dht'] as const;
const MEBIBYTE = 1024 * 1024;

let node: DeliveryNode;
let alice: AgentPubKey;
let bob: AgentPubKey;

beforeAll(async () => {
  node = await DeliveryNode.open();
});

beforeEach(async () => {
  [alice, bob] = [await node.newAgent(), await node.newAgent()];
});

afterAll(() => node.close());

const upload = (agent: AgentPubKey, bytes: Uint8Array, at = node): Promise<MessageFile> =>
  uploadOn(at, agent, bytes);

const count = (table: FileTable, agent: AgentPubKey): Promise<number> => countOn(node, table, agent);

async function deliver(strategy: StrategyName, file: MessageFile): Promise<MessageId> {
  const message = await saveFileOn(node, { strategy, author: alice, recipient: bob, file });
  await attemptOn(node, alice, { strategy, message });
  return message;
}

describe('two deletions at once', () => {
  const WAITING = `
    select count(*)::int as waiting from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;

  async function waiting(): Promise<number> {
    const [row] = await node.context.db.query<{ waiting: number }[]>(WAITING);
    return row?.waiting ?? -1;
  }

  it.each(PLACEMENTS)('of the last two messages with a file free it on %s', async (strategy) => {
    const file = await upload(alice, randomBytes(10));
    const messages = [await deliver(strategy, file), await deliver(strategy, file)];

    // Both look at the rows before either has committed.
    const removals = await transact(node.context.db, async (tx) => {
      await tx.query('select from file_use where holder = $1 for update', [fromBase64Url(bob)]);
      const removing = Promise.allSettled(
        messages.map((message) => node.strategies[strategy].remove({ holder: bob, message })),
      );
      await untilEqual(2, waiting);
      return { removing };
    });

    expect((await removals.removing).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    expect([await count('file_use', bob), await count('file', bob), await count('file_chunk', bob)]).toEqual([
      0, 0, 0,
    ]);
  });
});

describe('a file that arrives', () => {
  it.each([
    ['only chunk', CHUNK_BYTES, 1, 0],
    ['last chunk', 2 * CHUNK_BYTES, CHUNK_BYTES + 1, 1],
  ])('is refused when its %s is longer than its size says', async (_, length, size, place) => {
    const { files } = node.context;
    const [mine, theirs] = [node.keyring.keysOf(alice), node.keyring.keysOf(bob)];
    const file = await upload(alice, randomBytes(length));
    const held = await files.find(mine, file.id);
    const sealed = await files.store.sealedChunk(mine, held, place);
    await files.expect(theirs, { file: { ...file, size }, manifest: held.manifest });

    await expect(files.take(theirs, file.id, { place, sealed })).rejects.toThrow(InvalidMessageError);
    expect(await count('file_chunk', bob)).toBe(0);
  });

  it('is discarded when it is not what it was announced as, so that it is read once', async () => {
    const { files } = node.context;
    const [mine, theirs] = [node.keyring.keysOf(alice), node.keyring.keysOf(bob)];
    const file = await upload(alice, randomBytes(CHUNK_BYTES + 4321));
    const wrong = { ...file, digest: (await upload(alice, randomBytes(10))).digest };
    const held = await files.find(mine, file.id);
    const bring = async (announced: MessageFile): Promise<void> => {
      for (const { place } of await files.expect(theirs, { file: announced, manifest: held.manifest })) {
        const sealed = await files.store.sealedChunk(mine, held, place);
        await files.take(theirs, file.id, { place, sealed });
      }
    };

    await bring(wrong);
    await expect(files.require(theirs, wrong)).rejects.toThrow(InvalidMessageError);
    expect([await count('file', bob), await count('file_chunk', bob)]).toEqual([0, 0]);

    // Of one who announced something else, a right message has to bring the file again.
    await bring(wrong);
    await expect(files.require(theirs, file)).rejects.toThrow(FileIncompleteError);
    expect(await count('file_chunk', bob)).toBe(0);
    await bring(file);
    await expect(files.require(theirs, file)).resolves.toBeInstanceOf(Uint8Array);
  });

  it('takes half of the quota at most until it is whole, so that uploads have room', async () => {
    const small = await DeliveryNode.open({ fileQuotaBytes: 32 * MEBIBYTE });
    try {
      const [author, recipient] = [await small.newAgent(), await small.newAgent()];
      const { files } = small.context;
      const offer = async (bytes: number): Promise<unknown> => {
        const { id } = await upload(author, randomBytes(bytes), small);
        return files.expect(
          small.keyring.keysOf(recipient),
          await files.find(small.keyring.keysOf(author), id),
        );
      };

      await offer(8 * MEBIBYTE);
      await expect(offer(8 * MEBIBYTE)).rejects.toThrow(FileQuotaExceededError);
      await offer(MEBIBYTE);
      await upload(recipient, randomBytes(15 * MEBIBYTE), small);
    } finally {
      await small.close();
    }
  });
});
