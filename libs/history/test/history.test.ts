import { describe, expect, it } from '@jest/globals';
import { type AgentKeys, OpenFailedError, fromBase64Url } from '@musubi/crypto';
import { type HistoryRow } from '@musubi/history';
import { expectNoSchemaDrift } from '@musubi/database/testing';
import { AgentOfflineError, MessageDeletedError, MessageNotFoundError } from '@musubi/messaging';
import { messageIdOf } from '@musubi/receipts';
import { type OpenHistory, idsOf, lentArchive, letter, marksOf } from './support/archive.js';

const archive = lentArchive();
const people = (): readonly [AgentKeys, AgentKeys, AgentKeys] => archive().agents;

const LATEST = { anchor: { at: 'latest' }, limit: 10 } as const;

async function rowsOf({ history }: OpenHistory, holder: AgentKeys): Promise<readonly HistoryRow[]> {
  const sql = 'select * from history where placement = $1 and holder = $2';
  return history.db.query<HistoryRow[]>(sql, [history.placement, fromBase64Url(holder.agent)]);
}

describe('adding to a history', () => {
  it('keeps the message and its receipts', async () => {
    const [alice, bob] = people();
    const opened = archive().open();
    const message = letter({ from: alice, to: bob });
    await opened.add(alice, message);
    const id = messageIdOf(message);
    const held = await opened.reader.find({ holder: alice.agent, message: id });
    const receipts = [opened.receipt(message, 'saved')];
    expect(held).toEqual({ message: { ...message, id }, status: 'saved', receipts });
  });

  it('adds nothing when it is repeated', async () => {
    const [alice, bob] = people();
    const opened = archive().open();
    const message = letter({ from: alice, to: bob });
    expect([await opened.add(alice, message), await opened.add(alice, message)]).toEqual([true, false]);
    expect(await rowsOf(opened, alice)).toHaveLength(1);
  });

  it('adds one when eight repeat it at the same moment', async () => {
    const [alice, bob] = people();
    const opened = archive().open();
    const message = letter({ from: alice, to: bob });
    const added = await Promise.all(Array.from({ length: 8 }, () => opened.add(alice, message)));
    expect(added.filter(Boolean)).toEqual([true]);
    expect(await rowsOf(opened, alice)).toHaveLength(1);
  });

  it('keeps a message to oneself once, and read', async () => {
    const [alice] = people();
    const opened = archive().open();
    await opened.add(alice, letter({ from: alice, to: alice }));
    expect(await rowsOf(opened, alice)).toHaveLength(1);
    expect(await marksOf(opened, alice)).toEqual([]);
  });

  it('keeps the histories of two placements apart', async () => {
    const [alice, bob] = people();
    const [one, other] = [archive().open(), archive().open()];
    await one.add(alice, letter({ from: alice, to: bob }));
    expect((await other.reader.list(alice.agent, LATEST)).items).toEqual([]);
  });

  it('raises the status by a receipt, once', async () => {
    const [alice, bob] = people();
    const opened = archive().open();
    const message = letter({ from: alice, to: bob });
    await opened.add(alice, message);
    const delivered = opened.receipt(message, 'delivered');
    expect([await opened.addReceipt(alice, delivered), await opened.addReceipt(alice, delivered)]).toEqual([
      true,
      false,
    ]);
    const ref = { holder: alice.agent, message: messageIdOf(message) };
    expect((await opened.reader.find(ref)).status).toBe('delivered');
  });
});

describe('the rows that two holders have of one message', () => {
  async function bothRows(): Promise<readonly (readonly [keyof HistoryRow, string, string])[]> {
    const [alice, bob] = people();
    const opened = archive().open();
    const message = letter({ from: alice, to: bob });
    await opened.add(alice, message);
    await opened.add(bob, message);
    const [[one], [other]] = [await rowsOf(opened, alice), await rowsOf(opened, bob)];
    if (one === undefined || other === undefined) throw new Error('each holder has a row');
    const columns = ['key', 'conversation', 'position', 'sealed'] as const;
    return columns.map((column) => [column, JSON.stringify(one[column]), JSON.stringify(other[column])]);
  }

  it('share the value of no column that tells of the message', async () => {
    const same = (await bothRows()).filter(([, one, other]) => one === other);
    expect(same).toEqual([]);
  });

  it('share no value across columns either', async () => {
    const rows = await bothRows();
    const ofOne = new Set(rows.map(([, one]) => one));
    expect(rows.filter(([, , other]) => ofOne.has(other))).toEqual([]);
  });

  it('do not hold the time at which it was sent', async () => {
    const [alice, bob] = people();
    const opened = archive().open();
    const message = letter({ from: alice, to: bob });
    await opened.add(alice, message);
    const [row] = await rowsOf(opened, alice);
    expect(row?.position).not.toBe(String(message.sentAt));
  });

  it('do not open for the other', async () => {
    const [alice, bob] = people();
    const opened = archive().open();
    await opened.add(alice, letter({ from: alice, to: bob }));
    const [row] = await rowsOf(opened, alice);
    expect(() => bob.open(row?.sealed ?? new Uint8Array(), 'musubi/history')).toThrow(OpenFailedError);
  });
});

describe('finding a message', () => {
  it('fails for one that the holder does not have', async () => {
    const [alice, bob, carol] = people();
    const opened = archive().open();
    const message = letter({ from: alice, to: bob });
    await opened.add(alice, message);
    const finding = opened.reader.find({ holder: carol.agent, message: messageIdOf(message) });
    await expect(finding).rejects.toThrow(MessageNotFoundError);
  });

  it('tells sent messages from received ones', async () => {
    const [alice, bob] = people();
    const opened = archive().open();
    const { history } = opened;
    const message = letter({ from: alice, to: bob });
    await opened.add(bob, message);
    const ref = { holder: bob.agent, message: messageIdOf(message) };
    expect((await history.findReceived(ref)).message.id).toBe(ref.message);
    await expect(history.findSent(ref)).rejects.toThrow(MessageNotFoundError);
  });

  it('fails for a holder that is offline', async () => {
    const { keyring } = archive().node.context;
    const [alice] = people();
    const gone = await keyring.create();
    keyring.lock(gone.agent);
    const message = messageIdOf(letter({ from: alice, to: gone }));
    await expect(archive().open().reader.find({ holder: gone.agent, message })).rejects.toThrow(
      AgentOfflineError,
    );
  });
});

describe('a message that its holder deleted', () => {
  it('is found no more, and listed no more', async () => {
    const [alice, bob] = people();
    const opened = archive().open();
    const [kept, deleted] = [letter({ from: alice, to: bob }), letter({ from: alice, to: bob, after: 1 })];
    for (const message of [kept, deleted]) await opened.add(alice, message);
    const ref = { holder: alice.agent, message: messageIdOf(deleted) };
    await opened.bury(ref);
    await expect(opened.reader.find(ref)).rejects.toThrow(MessageDeletedError);
    expect(idsOf((await opened.reader.list(alice.agent, LATEST)).items)).toEqual([messageIdOf(kept)]);
  });

  it('is not received again', async () => {
    const [alice, bob] = people();
    const opened = archive().open();
    const message = letter({ from: alice, to: bob });
    await opened.add(bob, message);
    await opened.bury({ holder: bob.agent, message: messageIdOf(message) });
    expect(await opened.add(bob, message)).toBe(false);
    expect((await opened.reader.list(bob.agent, LATEST)).items).toEqual([]);
  });
});

describe('the table of histories', () => {
  it('is what the entity schema says', async () => {
    await expect(expectNoSchemaDrift(archive().node.context.db)).resolves.toBeUndefined();
  });
});
