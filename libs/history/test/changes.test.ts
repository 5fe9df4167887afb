import { beforeEach, describe, expect, it } from '@jest/globals';
import { type AgentKeys, fromBase64Url, toBase64Url } from '@musubi/crypto';
import { writeAtOnce } from '@musubi/database';
import { ChangeFeed } from '@musubi/history';
import { type Cursor, InvalidCursorError, type MessageDraft } from '@musubi/messaging';
import { messageIdOf } from '@musubi/receipts';
import fc from 'fast-check';
import { type OpenHistory, lentArchive, letter } from './support/archive.js';

const archive = lentArchive();
let alice: AgentKeys;
let bob: AgentKeys;
let feed: ChangeFeed;
let here: OpenHistory;
let there: OpenHistory;

beforeEach(async () => {
  const { keyring, db } = archive().node.context;
  [alice, bob] = [await keyring.create(), await keyring.create()];
  feed = new ChangeFeed(db, keyring);
  [here, there] = [archive().open(), archive().open()];
});

const summaryOf = async (
  cursor: Cursor | null,
  limit = 100,
): Promise<readonly [readonly string[], Cursor]> => {
  const { changes, next } = await feed.after(alice.agent, cursor, { limit });
  const lines = changes.map(({ held, isDeleted }) => {
    const { text } = held.message.payload;
    return `${text} ${isDeleted ? 'deleted' : held.status}`;
  });
  return [lines, next];
};

async function send(text: string, after = 0, history = here): Promise<MessageDraft> {
  const draft = letter({ from: alice, to: bob, text, after });
  await history.add(alice, draft);
  return draft;
}

describe('changes', () => {
  it('come in the order of arrival, whatever time they have and whichever placement they are of', async () => {
    await send('first', 30);
    await send('second', 10, there);
    await send('third', 20);

    expect((await summaryOf(null))[0]).toEqual(['first saved', 'second saved', 'third saved']);
  });

  it('are each message at its last change', async () => {
    const first = await send('first');
    await send('second');
    const [, before] = await summaryOf(null);
    await here.addReceipt(alice, here.receipt(first, 'delivered'));
    await here.addReceipt(alice, here.receipt(first, 'read'));

    expect((await summaryOf(null))[0]).toEqual(['second saved', 'first read']);
    expect((await summaryOf(before))[0]).toEqual(['first read']);
  });

  it('tell of what arrives late with an old time', async () => {
    await send('new', 100);
    const [, before] = await summaryOf(null);
    await send('old', -100);

    expect((await summaryOf(before))[0]).toEqual(['old saved']);
  });

  it('tell of a message that was deleted, and of one that its holder read', async () => {
    const sent = await send('sent');
    const received = letter({ from: bob, to: alice, text: 'received' });
    await here.add(alice, received);
    const [, before] = await summaryOf(null);
    await here.addReceipt(alice, here.receipt(received, 'read'));
    await here.bury({ holder: alice.agent, message: messageIdOf(sent) });

    expect((await summaryOf(before))[0]).toEqual(['received read', 'sent deleted']);
  });

  it('tell of what changed beside the message', async () => {
    const sent = await send('sent');
    const [, before] = await summaryOf(null);
    await writeAtOnce(here.history.db, [here.history.changed(alice, messageIdOf(sent))]);

    expect((await summaryOf(before))[0]).toEqual(['sent saved']);
  });

  it('are of their holder alone', async () => {
    await here.add(bob, letter({ from: bob, to: alice }));

    expect((await summaryOf(null))[0]).toEqual([]);
  });

  it('have a cursor that leads on when there is nothing yet, and stays valid', async () => {
    const [, beginning] = await summaryOf(null);
    expect(await summaryOf(beginning)).toEqual([[], beginning]);
    await send('first');
    const [, first] = await summaryOf(beginning);
    await send('second');

    expect((await summaryOf(beginning))[0]).toEqual(['first saved', 'second saved']);
    expect((await summaryOf(first))[0]).toEqual(['second saved']);
    const [lines, again] = await summaryOf(beginning, 1);
    expect(lines).toEqual(['first saved']);
    expect((await summaryOf(again))[0]).toEqual(['second saved']);
  });

  it('begin after everything that is there when asked to', async () => {
    await send('first');
    const latest = await feed.latest(alice.agent);
    await send('second');

    expect((await summaryOf(latest))[0]).toEqual(['second saved']);
  });

  it('are no more bytes a page than a process should hold, and at least one', async () => {
    for (let n = 0; n < 40; n += 1) await send('x'.repeat(65_536));
    const pages: number[] = [];
    for (let cursor: Cursor | null = null, isLast = false; !isLast;) {
      const page = await feed.after(alice.agent, cursor, { limit: 200 });
      pages.push(page.changes.length);
      [cursor, isLast] = [page.next, page.isLast];
    }

    expect(pages.reduce((sum, count) => sum + count, 0)).toBe(40);
    expect(Math.max(...pages)).toBeLessThanOrEqual(17);
  });

  it('never use a number twice when the last change changes again', async () => {
    const sent = await send('only');
    const [, first] = await summaryOf(null);
    await here.addReceipt(alice, here.receipt(sent, 'delivered'));

    expect((await summaryOf(first))[0]).toEqual(['only delivered']);
  });
});

describe('a cursor of changes', () => {
  it('is refused for another agent', async () => {
    const [, cursor] = await summaryOf(null);

    await expect(feed.after(bob.agent, cursor, { limit: 1 })).rejects.toThrow(InvalidCursorError);
  });

  it('is refused when any bit of it is flipped', async () => {
    const bytes = fromBase64Url((await summaryOf(null))[1]);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async (bit) => {
        const changed = bytes.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
        const page = feed.after(alice.agent, toBase64Url(changed), { limit: 1 });
        await expect(page).rejects.toThrow(InvalidCursorError);
      }),
    );
  });

  it('is refused when the database is of an earlier state than the cursor', async () => {
    await send('first');
    const [, cursor] = await summaryOf(null);
    await here.history.db.query('delete from change_counter where holder = $1', [fromBase64Url(alice.agent)]);

    await expect(summaryOf(cursor)).rejects.toThrow(InvalidCursorError);
  });
});
