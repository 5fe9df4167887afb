import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AgentKeys, fromBase64Url } from '@musubi/crypto';
import { openTestNode } from '@musubi/testing';
import { type MessageDraft } from '@musubi/messaging';
import { blindedKey, messageIdOf } from '@musubi/receipts';
import { MarkUnread1764400000000 } from '../src/schema/unread.migration.js';
import { Archive, type OpenHistory, letter, marksOf } from './support/archive.js';

let archive: Archive;
let opened: OpenHistory;

beforeEach(async () => {
  const node = await openTestNode();
  const { keyring } = node.context;
  archive = new Archive(node, [await keyring.create(), await keyring.create(), await keyring.create()]);
  opened = archive.open();
});

afterEach(() => archive.node.close());

function query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
  return archive.node.context.db.query<Row[]>(sql, [...parameters]);
}

const keyOf = (holder: AgentKeys, message: MessageDraft): Uint8Array =>
  blindedKey(holder, messageIdOf(message));

/** Brings the database back to what it was before there were marks, with those messages unread, and up again. */
async function migrate(unread: readonly (readonly [AgentKeys, MessageDraft])[]): Promise<void> {
  const migration = new MarkUnread1764400000000();
  const runner = archive.node.context.db.createQueryRunner();
  await migration.down(runner);
  await query('update history set is_unread = key = any($1::bytea[])', [
    unread.map(([holder, message]) => keyOf(holder, message)),
  ]);
  await migration.up(runner);
  await runner.release();
}

/** So many letters of each of the peers to Alice. */
async function receive(each: number, ...peers: readonly AgentKeys[]): Promise<readonly MessageDraft[]> {
  const [alice] = archive.agents;
  const messages: MessageDraft[] = [];
  for (const from of peers) {
    for (let after = 0; after < each; after += 1) {
      const message = letter({ from, to: alice, after: messages.length });
      messages.push(message);
      await opened.add(alice, message);
    }
  }
  return messages;
}

/** Of each conversation of Alice's, the latest first. */
async function unread(): Promise<readonly number[]> {
  const [alice] = archive.agents;
  return (await opened.reader.conversations(alice.agent, { limit: 10 })).items.map((item) => item.unread);
}

const unmarked = async (): Promise<number> => (await query('select 1 from unread_unmarked')).length;

describe('the migration to sealed marks', () => {
  it('leaves no trace in the rows of messages', async () => {
    const [, bob] = archive.agents;
    await receive(2, bob);
    await migrate([]);

    const [row] = await query<object>('select * from history');
    expect(Object.keys(row ?? {})).not.toContain('is_unread');
  });

  it('leaves what was unread unread, and what was read read', async () => {
    const [alice, bob, carol] = archive.agents;
    const [first, , third, fourth] = await receive(2, bob, carol);
    if (first === undefined || third === undefined || fourth === undefined)
      throw new Error('four were received');
    await opened.add(bob, first);
    await migrate([
      [alice, first],
      [alice, third],
      [alice, fourth],
    ]);
    expect(await unmarked()).toBe(3);

    expect([await unread(), await unread()]).toEqual([
      [2, 1],
      [2, 1],
    ]);
    expect([await unmarked(), (await marksOf(opened, alice)).length]).toEqual([0, 3]);
  });

  it('leaves what other agents and placements have to them', async () => {
    const [alice, bob] = archive.agents;
    const [message] = await receive(1, bob);
    const [toBob, other] = [letter({ from: alice, to: bob }), archive.open()];
    const elsewhere = letter({ from: bob, to: alice });
    if (message === undefined) throw new Error('one was received');
    await opened.add(bob, toBob);
    await other.add(alice, elsewhere);
    await migrate([
      [alice, message],
      [bob, toBob],
      [alice, elsewhere],
    ]);
    expect(await unmarked()).toBe(3);

    expect(await unread()).toEqual([1]);
    expect(await unmarked()).toBe(2);
    expect(
      (await other.reader.conversations(alice.agent, { limit: 1 })).items.map((item) => item.unread),
    ).toEqual([1]);
  });

  it('counts a message that was read or deleted since, before anybody asked, as read', async () => {
    const [alice, bob] = archive.agents;
    const messages = await receive(3, bob);
    const [read, deleted] = messages;
    if (read === undefined || deleted === undefined) throw new Error('three were received');
    await migrate(messages.map((message) => [alice, message] as const));
    await opened.addReceipt(alice, opened.receipt(read, 'read'));
    await opened.bury({ holder: alice.agent, message: messageIdOf(deleted) });

    expect(await unmarked()).toBe(1);
    expect(await unread()).toEqual([1]);
  });

  it('counts a message that cannot be opened any more', async () => {
    const [alice, bob] = archive.agents;
    const messages = await receive(2, bob);
    await migrate(messages.map((message) => [alice, message] as const));
    await query(`update history set sealed = '\\x00' where key = $1`, [
      keyOf(alice, messages[0] ?? letter({ from: bob, to: alice })),
    ]);

    expect(await unread()).toEqual([2]);
  });

  it('gives marks to thousands, a thousand at a time', async () => {
    const [alice, bob] = archive.agents;
    const [message] = await receive(1, bob);
    if (message === undefined) throw new Error('one was received');
    await query(
      `insert into history (holder, placement, key, conversation, position, is_deleted, sealed)
       select holder, placement, sha256(n::text::bytea), conversation, position - n, false, sealed
       from history, generate_series(1, 2499) as n`,
    );
    await migrate([[alice, message]]);
    await query(
      `insert into unread_unmarked (holder, placement, key)
       select holder, placement, key from history on conflict on constraint unread_unmarked_once do nothing`,
    );

    expect(await unread()).toEqual([2500]);
    expect([await unmarked(), (await marksOf(opened, alice)).length]).toEqual([0, 2500]);
  });

  it('loses no reading that comes while marks are given', async () => {
    const [alice, bob] = archive.agents;
    const rounds = 25;
    for (let round = 0; round < rounds; round += 1) {
      const [message] = await receive(1, bob);
      if (message === undefined) throw new Error('one was received');
      await query('delete from unread_mark');
      await query('insert into unread_unmarked values ($1, $2, $3)', [
        fromBase64Url(alice.agent),
        opened.history.placement,
        keyOf(alice, message),
      ]);
      const receipt = opened.receipt(message, 'read');
      await Promise.all([unread(), opened.addReceipt(alice, receipt), unread()]);

      expect([round, await unread(), await unmarked()]).toEqual([round, [0], 0]);
    }
  });

  it('can be undone where no mark was given yet', async () => {
    const [alice, bob] = archive.agents;
    const [first, second] = await receive(2, bob);
    if (first === undefined || second === undefined) throw new Error('two were received');
    await migrate([[alice, first]]);
    const runner = archive.node.context.db.createQueryRunner();
    await new MarkUnread1764400000000().down(runner);

    const rows = await query<{ key: Uint8Array }>('select key from history where is_unread');
    expect(rows.map(({ key }) => [...key])).toEqual([[...keyOf(alice, first)]]);
    await new MarkUnread1764400000000().up(runner);
    await runner.release();
  });
});
