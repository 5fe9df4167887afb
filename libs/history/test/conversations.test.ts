import { describe, expect, it } from '@jest/globals';
import { type AgentKeys } from '@musubi/crypto';
import { type Conversation, type Cursor, type MessageDraft } from '@musubi/messaging';
import { messageIdOf } from '@musubi/receipts';
import { type OpenHistory, lentArchive, letter } from './support/archive.js';

const archive = lentArchive();

async function begin(messages: readonly MessageDraft[]): Promise<OpenHistory> {
  const opened = archive().open();
  for (const message of messages) await opened.add(archive().agents[0], message);
  return opened;
}

async function conversations({ reader }: OpenHistory, limit = 10): Promise<readonly Conversation[]> {
  return (await reader.conversations(archive().agents[0].agent, { limit })).items;
}

/** Peer, id of the last message, unread. */
const summary = ({ peer, last, unread }: Conversation): readonly [string, string, number] => [
  peer,
  last.message.id,
  unread,
];

describe('conversations', () => {
  it('are one for each peer, the latest first, each with its last message', async () => {
    const [alice, bob, carol] = archive().agents;
    const toBob = letter({ from: alice, to: bob, after: 1 });
    const toCarol = letter({ from: alice, to: carol, after: 2 });
    const opened = await begin([
      letter({ from: alice, to: bob }),
      toCarol,
      toBob,
      letter({ from: alice, to: carol }),
    ]);
    const expected = [
      [carol.agent, messageIdOf(toCarol), 0],
      [bob.agent, messageIdOf(toBob), 0],
    ];
    expect((await conversations(opened)).map(summary)).toEqual(expected);
  });

  it('count what was received and not read', async () => {
    const [alice, bob] = archive().agents;
    const received = [1, 2, 3].map((after) => letter({ from: bob, to: alice, after }));
    const opened = await begin([...received, letter({ from: alice, to: bob })]);
    const [first] = received;
    if (first !== undefined) await opened.addReceipt(alice, opened.receipt(first, 'read'));
    expect((await conversations(opened)).map(({ unread }) => unread)).toEqual([2]);
  });

  it('count a message as read once, however often its receipt is repeated', async () => {
    const [alice, bob] = archive().agents;
    const [one, two] = [letter({ from: bob, to: alice }), letter({ from: bob, to: alice, after: 1 })];
    const opened = await begin([one, two]);
    for (let times = 0; times < 3; times += 1) await opened.addReceipt(alice, opened.receipt(one, 'read'));
    expect((await conversations(opened)).map(({ unread }) => unread)).toEqual([1]);
  });

  it('do not count a message as read when it is only delivered', async () => {
    const [alice, bob] = archive().agents;
    const message = letter({ from: bob, to: alice });
    const opened = await begin([message]);
    await opened.addReceipt(alice, opened.receipt(message, 'delivered'));
    expect((await conversations(opened)).map(({ unread }) => unread)).toEqual([1]);
  });

  it('show the message before one that was deleted, and do not count that one', async () => {
    const [alice, bob] = archive().agents;
    const [kept, deleted] = [letter({ from: bob, to: alice }), letter({ from: bob, to: alice, after: 1 })];
    const opened = await begin([kept, deleted]);
    await opened.bury({ holder: alice.agent, message: messageIdOf(deleted) });
    expect((await conversations(opened)).map(summary)).toEqual([[bob.agent, messageIdOf(kept), 1]]);
  });

  it('end when all their messages are deleted', async () => {
    const [alice, bob, carol] = archive().agents;
    const [toBob, toCarol] = [letter({ from: alice, to: bob }), letter({ from: alice, to: carol })];
    const opened = await begin([toBob, toCarol]);
    await opened.bury({ holder: alice.agent, message: messageIdOf(toBob) });
    expect((await conversations(opened)).map(({ peer }) => peer)).toEqual([carol.agent]);
  });

  it('include the one with oneself', async () => {
    const [alice] = archive().agents;
    const opened = await begin([letter({ from: alice, to: alice })]);
    expect((await conversations(opened)).map(({ peer, unread }) => [peer, unread])).toEqual([
      [alice.agent, 0],
    ]);
  });

  it('are none where there is no message', async () => {
    expect(await conversations(archive().open())).toEqual([]);
  });

  it('are walked page by page, each once', async () => {
    const [alice] = archive().agents;
    const peers: AgentKeys[] = [];
    for (let index = 0; index < 7; index += 1) peers.push(await archive().node.context.keyring.create());
    // The times tie in pairs, so that pages end between equal ones.
    const opened = await begin(
      peers.map((peer, index) => letter({ from: peer, to: alice, after: index >> 1 })),
    );
    const seen: Conversation[] = [];
    let before: Cursor | null | undefined;
    while (before !== null) {
      const query = { ...(before === undefined ? {} : { before }), limit: 2 };
      const page = await opened.reader.conversations(alice.agent, query);
      seen.push(...page.items);
      before = page.next;
    }
    expect(seen).toEqual(await conversations(opened));
    expect(new Set(seen.map(({ peer }) => peer))).toEqual(new Set(peers.map(({ agent }) => agent)));
  });
});
