import { describe, expect, it } from '@jest/globals';
import { type AgentKeys, fromBase64Url } from '@musubi/crypto';
import { type HistoryRow } from '@musubi/history';
import { type MessageDraft } from '@musubi/messaging';
import { messageIdOf } from '@musubi/receipts';
import { type OpenHistory, lentArchive, letter, marksOf } from './support/archive.js';

const archive = lentArchive();
const people = (): readonly [AgentKeys, AgentKeys, AgentKeys] => archive().agents;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Alice has so many messages of Bob, as many of Carol, and as many that she wrote to each. */
async function exchange(each: number): Promise<{ opened: OpenHistory; received: readonly MessageDraft[] }> {
  const [alice, bob, carol] = people();
  const opened = archive().open();
  const received: MessageDraft[] = [];
  for (let after = 0; after < each; after += 1) {
    for (const peer of [bob, carol]) {
      const message = letter({ from: peer, to: alice, after });
      received.push(message);
      await opened.add(alice, message);
      await opened.add(alice, letter({ from: alice, to: peer, after }));
    }
  }
  return { opened, received };
}

async function rowsOf({ history }: OpenHistory, holder: AgentKeys): Promise<readonly HistoryRow[]> {
  const sql = 'select * from history where placement = $1 and holder = $2';
  return history.db.query<HistoryRow[]>(sql, [history.placement, fromBase64Url(holder.agent)]);
}

async function unreadOf({ reader }: OpenHistory, holder: AgentKeys): Promise<readonly number[]> {
  const { items } = await reader.conversations(holder.agent, { limit: 10 });
  return items.map(({ unread }) => unread);
}

describe('a mark of an unread message', () => {
  it('has no value in common with a message’s row or with another mark', async () => {
    const [alice] = people();
    const { opened } = await exchange(4);
    const [rows, marks] = [await rowsOf(opened, alice), await marksOf(opened, alice)];

    const inRows = rows.flatMap(({ key, conversation }) => [key, conversation]).map(hex);
    const inMarks = marks.flatMap(({ key, conversation }) => [key, conversation]).map(hex);
    expect([rows.length, marks.length]).toEqual([16, 8]);
    expect(new Set(inMarks).size).toBe(inMarks.length);
    expect(inMarks.filter((value) => inRows.some((other) => other.startsWith(value)))).toEqual([]);
  });

  it('is 32 bytes besides whose it is', async () => {
    const [alice] = people();
    const { opened } = await exchange(1);

    const lengths = (await marksOf(opened, alice)).map(({ key, conversation }) =>
      [key, conversation].map(({ length }) => length),
    );
    expect(lengths).toEqual([
      [16, 16],
      [16, 16],
    ]);
  });

  it('tells who has other keys nothing', async () => {
    const [alice, bob] = people();
    const { opened } = await exchange(2);
    await opened.history.db.query('update unread_mark set holder = $1 where holder = $2 and placement = $3', [
      ...[bob, alice].map(({ agent }) => fromBase64Url(agent)),
      opened.history.placement,
    ]);
    const counts = await opened.history.unread.counts(bob);

    expect((await rowsOf(opened, alice)).map(({ conversation }) => counts(conversation))).not.toContain(2);
    expect(await unreadOf(opened, alice)).toEqual([0, 0]);
  });

  it('is not there for a message to oneself, nor for one that was sent', async () => {
    const [alice, bob] = people();
    const opened = archive().open();
    await opened.add(alice, letter({ from: alice, to: alice }));
    await opened.add(alice, letter({ from: alice, to: bob }));

    expect(await marksOf(opened, alice)).toEqual([]);
  });

  it('does not keep a message that is received again from being known', async () => {
    const [alice] = people();
    const { opened, received } = await exchange(1);
    const again = await Promise.all([...received, ...received].map((message) => opened.add(alice, message)));

    expect(again).toEqual([false, false, false, false]);
    expect(await marksOf(opened, alice)).toHaveLength(2);
  });

  it('goes when the message is read or deleted, once and for all', async () => {
    const [alice] = people();
    const { opened, received } = await exchange(3);
    const [read, deleted, both] = received;
    if (read === undefined || deleted === undefined || both === undefined)
      throw new Error('six were received');
    for (const message of [read, both]) await opened.addReceipt(alice, opened.receipt(message, 'read'));
    for (const message of [deleted, both, both])
      await opened.bury({ holder: alice.agent, message: messageIdOf(message) });

    expect(await marksOf(opened, alice)).toHaveLength(3);
    expect((await unreadOf(opened, alice)).toSorted()).toEqual([1, 2]);
  });

  it('goes as one of several that are read with one statement', async () => {
    const [alice] = people();
    const { opened, received } = await exchange(20);
    const batch = received.slice(0, 39).map((message) => opened.receipt(message, 'read'));
    await Promise.all(batch.map((receipt) => opened.addReceipt(alice, receipt)));

    expect((await unreadOf(opened, alice)).toSorted()).toEqual([0, 1]);
  });
});

describe('the rows of messages that were sent and received', () => {
  it('differ in nothing but what is keyed', async () => {
    const [alice] = people();
    const { opened } = await exchange(3);

    const plain = (await rowsOf(opened, alice)).map(
      ({ key: _key, conversation: _peer, position: _position, sealed, ...rest }) => ({
        ...rest,
        bytes: sealed.length,
      }),
    );
    expect(plain).toHaveLength(12);
    expect(new Set(plain.map((row) => JSON.stringify(row))).size).toBe(1);
  });
});
