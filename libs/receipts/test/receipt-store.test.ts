import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AgentKeys, OpenFailedError, fromBase64Url, toBase64Url } from '@musubi/crypto';
import { type Sql, violatedConstraint, writeAtOnce } from '@musubi/database';
import { type TestDatabase, expectNoSchemaDrift, openTestDatabase } from '@musubi/database/testing';
import { type MessageDraft, parseNonce, parseTimestamp } from '@musubi/messaging';
import {
  RECEIPT_ONCE,
  ReceiptStore,
  type StoredReceipt,
  type PlacedReceipt,
  blindedKey,
  messageIdOf,
  receiptsDatabase,
} from '@musubi/receipts';
import fc from 'fast-check';
import { NOON, SOME_ID, SPACE, STATUSES, alice, bob, draft, mallory, receiptOn } from './support/people.js';

const store = new ReceiptStore();
let database: TestDatabase;
let drafts = 0;

beforeAll(async () => {
  database = await openTestDatabase(receiptsDatabase);
});
afterAll(() => database.close());

/** A message that no other case has. */
function freshDraft(): MessageDraft {
  drafts += 1;
  const nonce = new Uint8Array(16);
  new DataView(nonce.buffer).setUint32(0, drafts);
  return draft({ nonce: parseNonce(toBase64Url(nonce)) });
}

function traced(message: MessageDraft, status: (typeof STATUSES)[number], later = 0): PlacedReceipt {
  return { receipt: receiptOn(message, { status, at: parseTimestamp(NOON + later) }), place: null };
}

/** @returns whether they were kept; all of them are, or none */
async function add(
  keys: AgentKeys,
  receipts: readonly PlacedReceipt[],
  db: Sql = database.dataSource,
): Promise<boolean> {
  try {
    await writeAtOnce(db, [store.rowsOf(keys, receipts)]);
    return true;
  } catch (error) {
    if (violatedConstraint(error) === RECEIPT_ONCE) return false;
    throw error;
  }
}

async function held(keys: AgentKeys, message: MessageDraft): Promise<readonly StoredReceipt[]> {
  const key = blindedKey(keys, messageIdOf(message));
  return (await store.ofKeys(database.dataSource, keys, [key])).get(toBase64Url(key)) ?? [];
}

describe('a receipt store', () => {
  it('gives back what was added', async () => {
    const message = freshDraft();
    const place = { space: SPACE, author: alice.agent, seq: 3, count: 2 };
    const receipt = { ...traced(message, 'saved'), place };
    await add(alice, [receipt]);
    expect(await held(alice, message)).toEqual([receipt]);
  });

  it('gives back the receipts of a message in ascending order', async () => {
    const message = freshDraft();
    const receipts = STATUSES.map((status) => traced(message, status));
    await add(alice, [...receipts].reverse());
    expect(await held(alice, message)).toEqual(receipts);
  });

  it('adds a receipt once when it is repeated', async () => {
    const message = freshDraft();
    expect(await add(alice, [traced(message, 'saved')])).toBe(true);
    expect(await add(alice, [traced(message, 'saved')])).toBe(false);
  });

  it('adds a receipt once when eight add it at the same moment', async () => {
    const message = freshDraft();
    const kept = await Promise.all(Array.from({ length: 8 }, () => add(alice, [traced(message, 'saved')])));
    expect(kept.filter(Boolean)).toHaveLength(1);
  });

  it('keeps the first of a status', async () => {
    const message = freshDraft();
    await add(alice, [traced(message, 'delivered')]);
    await add(alice, [traced(message, 'delivered', 1)]);
    expect(await held(alice, message)).toEqual([traced(message, 'delivered')]);
  });

  it('keeps nothing of a batch that has two of a status', async () => {
    const message = freshDraft();
    expect(await add(alice, [traced(message, 'read'), traced(message, 'read', 1)])).toBe(false);
    expect(await held(alice, message)).toEqual([]);
  });

  it('ends at the same receipts in whatever order they come, and however often', async () => {
    const orders = fc.array(fc.constantFrom(...STATUSES), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(orders, async (order) => {
        const message = freshDraft();
        for (const status of order) await add(alice, [traced(message, status)]);
        const expected = STATUSES.filter((status) => order.includes(status));
        expect(await held(alice, message)).toEqual(expected.map((status) => traced(message, status)));
      }),
      { numRuns: 25 },
    );
  });

  it('adds nothing when there is nothing to add', async () => {
    expect(await add(alice, [])).toBe(true);
  });

  it('keeps nothing of a transaction that is rolled back', async () => {
    const message = freshDraft();
    const rolledBack = database.dataSource.transaction(async (tx) => {
      await add(alice, [traced(message, 'saved')], tx);
      throw new Error('after all');
    });
    await expect(rolledBack).rejects.toThrow('after all');
    expect(await held(alice, message)).toEqual([]);
  });

  it('keeps the receipts of two holders apart', async () => {
    const message = freshDraft();
    await add(alice, [traced(message, 'saved')]);
    expect(await held(bob, message)).toEqual([]);
  });

  it('is what the entity schema says', async () => {
    await expect(expectNoSchemaDrift(database.dataSource)).resolves.toBeUndefined();
  });
});

describe('the blinded key of a message', () => {
  it('is not its id', () => {
    expect(toBase64Url(blindedKey(alice, SOME_ID))).not.toBe(SOME_ID);
  });

  it('is another for each holder', () => {
    expect(blindedKey(alice, SOME_ID)).not.toEqual(blindedKey(bob, SOME_ID));
  });

  it('is the same for one holder each time', () => {
    expect(blindedKey(alice, SOME_ID)).toEqual(blindedKey(alice, SOME_ID));
  });
});

describe('the rows of receipts', () => {
  interface Row {
    readonly key: Buffer;
    readonly sealed: Buffer;
  }

  async function rowsOf(keys: AgentKeys): Promise<readonly Row[]> {
    const sql = 'select key, sealed from receipt where holder = $1';
    return database.dataSource.query<Row[]>(sql, [fromBase64Url(keys.agent)]);
  }

  it('do not open for another agent', async () => {
    await add(bob, [traced(freshDraft(), 'saved')]);
    const [row] = await rowsOf(bob);
    expect(() => mallory.open(row?.sealed ?? new Uint8Array(), 'musubi/receipt')).toThrow(OpenFailedError);
  });

  it('are equally long, whatever they say', async () => {
    const message = freshDraft();
    const place = { space: SPACE, author: mallory.agent, seq: 2_000_000_000, count: 2 };
    await add(
      mallory,
      STATUSES.map((status) => traced(message, status)),
    );
    await add(mallory, [{ ...traced(freshDraft(), 'saved'), place }]);
    const sizes = (await rowsOf(mallory)).map(({ sealed }) => sealed.length);
    expect(new Set(sizes).size).toBe(1);
  });

  it('show no id of a message', async () => {
    const message = freshDraft();
    await add(alice, [traced(message, 'saved')]);
    const all = Buffer.concat((await rowsOf(alice)).flatMap(({ key, sealed }) => [key, sealed]));
    const id = messageIdOf(message);
    expect([all.includes(id), all.includes(Buffer.from(id, 'base64url'))]).toEqual([false, false]);
  });
});
