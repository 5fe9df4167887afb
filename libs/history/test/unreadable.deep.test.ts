import { afterEach, describe, expect, it } from '@jest/globals';
import { type AgentKeys, fromBase64Url } from '@musubi/crypto';
import { HistoryReader } from '@musubi/history';
import { type Cursor, type Log, type MessageDraft, MessageUnreadableError } from '@musubi/messaging';
import { blindedKey, messageIdOf } from '@musubi/receipts';
import fc from 'fast-check';
import { anyText } from '../../../test/support/any-text.js';
import { type OpenHistory, idsOf, lentArchive, letter } from './support/archive.js';

const archive = lentArchive();
const people = (): readonly [AgentKeys, AgentKeys, AgentKeys] => archive().agents;
const LATEST = { anchor: { at: 'latest' }, limit: 10 } as const;

const events: string[] = [];
const log: Log = {
  warn: (event, fields) => {
    events.push(`${event} ${JSON.stringify(fields)}`);
  },
};

afterEach(() => {
  events.length = 0;
});

async function damage(
  { history }: OpenHistory,
  holder: AgentKeys,
  message: MessageDraft | undefined,
  table: 'history' | 'receipt' = 'history',
): Promise<void> {
  await history.db.query(`update ${table} set sealed = '\\x00' where holder = $1 and key = $2`, [
    fromBase64Url(holder.agent),
    blindedKey(holder, idOf(message)),
  ]);
}

/** Five messages from Alice to Bob, the oldest first; and a reader of what Bob has. */
async function five(): Promise<{ opened: OpenHistory; reader: HistoryReader; drafts: MessageDraft[] }> {
  const [alice, bob] = people();
  const opened = archive().open();
  const drafts = [0, 1, 2, 3, 4].map((after) => letter({ from: alice, to: bob, after, text: `${after}` }));
  for (const draft of drafts) await opened.add(bob, draft);
  return { opened, drafts, reader: new HistoryReader(opened.history, log) };
}

const idOf = (draft: MessageDraft | undefined): ReturnType<typeof messageIdOf> => {
  if (draft === undefined) throw new Error('there are five');
  return messageIdOf(draft);
};
const ids = (drafts: readonly MessageDraft[], ...order: readonly number[]): readonly string[] =>
  order.map((index) => idOf(drafts[index]));

describe('a row that cannot be read', () => {
  it('is left out of its page, and counted', async () => {
    const [, bob] = people();
    const { opened, drafts, reader } = await five();
    await damage(opened, bob, drafts[2]);

    const page = await reader.list(bob.agent, LATEST);

    expect([idsOf(page.items), page.unreadable]).toEqual([ids(drafts, 4, 3, 1, 0), 1]);
  });

  it.each([1, 2, 3])('does not stop a walk by pages of %i, either way', async (limit) => {
    const [, bob] = people();
    const { opened, drafts, reader } = await five();
    for (const index of [4, 2, 0]) await damage(opened, bob, drafts[index]);

    const seen: string[] = [];
    let last: Cursor | null = null;
    for (let cursor: Cursor | null | undefined; cursor !== null;) {
      const anchor = cursor === undefined ? LATEST.anchor : ({ at: 'before', cursor } as const);
      const page = await reader.list(bob.agent, { anchor, limit });
      seen.push(...idsOf(page.items));
      last = page.prev ?? last;
      cursor = page.next;
    }
    expect(seen).toEqual(ids(drafts, 3, 1));
    const back: string[] = [];
    for (let cursor = last; cursor !== null;) {
      const page = await reader.list(bob.agent, { anchor: { at: 'after', cursor }, limit });
      back.unshift(...idsOf(page.items));
      cursor = page.prev;
    }
    expect(back).toEqual(ids(drafts, 3, 1).slice(0, back.length));
  });

  it('may be what a page stands around', async () => {
    const [, bob] = people();
    const { opened, drafts, reader } = await five();
    await damage(opened, bob, drafts[2]);
    const anchor = { at: 'around', message: idOf(drafts[2]) } as const;

    const page = await reader.list(bob.agent, { anchor, limit: 3 });

    expect([idsOf(page.items), page.unreadable]).toEqual([ids(drafts, 3, 1), 1]);
  });

  it('is not the last of its conversation while another can be read', async () => {
    const [alice, bob, carol] = people();
    const { opened, drafts, reader } = await five();
    await opened.add(bob, letter({ from: carol, to: bob, after: -1 }));
    await damage(opened, bob, drafts[4]);
    await damage(opened, bob, drafts[3]);

    const { items } = await reader.conversations(bob.agent, { limit: 10 });

    expect(items.map(({ peer, unread }) => [peer, unread])).toEqual([
      [alice.agent, 5],
      [carol.agent, 1],
    ]);
    expect(items[0]?.last.message.id).toBe(idOf(drafts[2]));
  });

  it('is counted where a whole conversation cannot be read, and the next is told', async () => {
    const [, bob, carol] = people();
    const { opened, drafts, reader } = await five();
    await opened.add(bob, letter({ from: carol, to: bob, after: -1 }));
    for (const draft of drafts) await damage(opened, bob, draft);

    const first = await reader.conversations(bob.agent, { limit: 1 });
    const second = await reader.conversations(bob.agent, { limit: 1, before: first.next ?? '' });

    expect(first).toMatchObject({ items: [], unreadable: 1 });
    expect(second.items.map(({ peer }) => peer)).toEqual([carol.agent]);
  });

  it('is refused by its name when it is asked for', async () => {
    const [, bob] = people();
    const { opened, drafts, reader } = await five();
    await damage(opened, bob, drafts[2]);
    const ref = { holder: bob.agent, message: idOf(drafts[2]) };

    await expect(reader.find(ref)).rejects.toThrow(MessageUnreadableError);
  });

  it('is reported once, without a word of what it held', async () => {
    const [, bob] = people();
    const { opened, drafts, reader } = await five();
    await damage(opened, bob, drafts[2]);
    const ref = { holder: bob.agent, message: idOf(drafts[2]) };

    for (let index = 0; index < 3; index += 1) await reader.list(bob.agent, LATEST);
    await reader.find(ref).catch(() => undefined);

    expect(events).toEqual([`message-unreadable {"strategy":"${opened.history.placement}"}`]);
  });

  it('may be a receipt: its message is shown with those that can be read', async () => {
    const [, bob] = people();
    const { opened, drafts, reader } = await five();
    const [first] = drafts;
    if (first === undefined) throw new Error('there are five');
    await opened.addReceipt(bob, opened.receipt(first, 'delivered'));
    await damage(opened, bob, first, 'receipt');

    const page = await reader.list(bob.agent, LATEST);

    expect(page.items.at(-1)).toMatchObject({ status: 'saved', receipts: [] });
    expect([page.items.length, page.unreadable]).toEqual([5, undefined]);
    expect(events).toHaveLength(1);
  });
});

describe('a history', () => {
  it('gives back any well-formed text, in pages and by itself', async () => {
    const [alice, bob] = people();
    const opened = archive().open();
    await fc.assert(
      fc.asyncProperty(anyText({ minLength: 1 }), async (text) => {
        const draft = letter({ from: alice, to: bob, text });
        await opened.add(bob, draft);
        const ref = { holder: bob.agent, message: messageIdOf(draft) };
        const anchor = { at: 'around', message: ref.message } as const;
        const { items } = await opened.reader.list(bob.agent, { anchor, limit: 1 });
        expect(items[0]?.message.payload.text).toBe(text);
        expect((await opened.reader.find(ref)).message.payload.text).toBe(text);
      }),
      { numRuns: 50 },
    );
    expect((await opened.reader.list(bob.agent, LATEST)).unreadable).toBeUndefined();
  });
});
