import { describe, expect, it } from '@jest/globals';
import {
  MICROSECONDS_PER_DAY,
  MessageDeletedError,
  type MessageDraft,
  MessageNotFoundError,
  type Timestamp,
  addDays,
  dayOf,
  ofDay,
  startOf,
} from '@musubi/messaging';
import { messageIdOf } from '@musubi/receipts';
import fc from 'fast-check';
import { NOON, type OpenHistory, idsOf, lentArchive, letter } from './support/archive.js';

const archive = lentArchive();
const DAY = dayOf(NOON);

/** A history of Alice's: messages to Bob at these times, in microseconds after noon. */
async function begin(afters: readonly number[]): Promise<[OpenHistory, readonly MessageDraft[]]> {
  const [alice, bob] = archive().agents;
  const opened = archive().open();
  const messages = afters.map((after) => letter({ from: alice, to: bob, after }));
  for (const message of messages) await opened.add(alice, message);
  return [opened, messages];
}

const idsAt = (messages: readonly MessageDraft[], ...indices: readonly number[]): readonly string[] =>
  indices.flatMap((index) => messages.slice(index, index + 1).map(messageIdOf));

describe('the page of a day', () => {
  const list = (opened: OpenHistory, limit: number, day = DAY) =>
    opened.reader.list(archive().agents[0].agent, { anchor: ofDay(day), limit });

  it('has the messages of that day alone, newest first', async () => {
    const [opened, messages] = await begin([-MICROSECONDS_PER_DAY, 0, 1, MICROSECONDS_PER_DAY]);
    expect(idsOf((await list(opened, 10)).items)).toEqual(idsAt(messages, 2, 1));
  });

  it('begins with midnight and ends before the next', async () => {
    const after = (at: Timestamp): number => at - NOON;
    const [beginning, end] = [after(startOf(DAY)), after(startOf(addDays(DAY, 1)))];
    const [opened, messages] = await begin([beginning - 1, beginning, end - 1, end]);
    expect(idsOf((await list(opened, 10)).items)).toEqual(idsAt(messages, 2, 1));
  });

  it('holds exactly what was sent on the day, for any times', async () => {
    const times = fc.array(fc.integer({ min: -MICROSECONDS_PER_DAY, max: MICROSECONDS_PER_DAY }), {
      maxLength: 10,
    });
    await fc.assert(
      fc.asyncProperty(times, async (afters) => {
        const [opened, messages] = await begin(afters);
        const expected = messages.filter(({ sentAt }) => dayOf(sentAt) === DAY).map(messageIdOf);
        expect([...idsOf((await list(opened, 50)).items)].sort()).toEqual(expected.sort());
      }),
      { numRuns: 12 },
    );
  });

  it('has the latest of the day when there are more than fit', async () => {
    const [opened, messages] = await begin([0, 1, 2]);
    expect(idsOf((await list(opened, 2)).items)).toEqual(idsAt(messages, 2, 1));
  });

  it('leads to older and newer messages of other days', async () => {
    const [opened] = await begin([-MICROSECONDS_PER_DAY, 0, MICROSECONDS_PER_DAY]);
    const { next, prev } = await list(opened, 10);
    expect([next, prev]).not.toContain(null);
  });

  it('is empty for a day without messages', async () => {
    const [opened] = await begin([0]);
    expect((await list(opened, 10, addDays(DAY, 1))).items).toEqual([]);
  });
});

describe('the page around a message', () => {
  it('is refused for a message that the holder does not have', async () => {
    const [alice, bob] = archive().agents;
    const [opened] = await begin([0]);
    const message = messageIdOf(letter({ from: alice, to: bob }));
    const listing = opened.reader.list(alice.agent, { anchor: { at: 'around', message }, limit: 5 });
    await expect(listing).rejects.toThrow(MessageNotFoundError);
  });

  it('is refused for a message that the holder deleted', async () => {
    const [alice] = archive().agents;
    const [opened, messages] = await begin([0, 1, 2]);
    const [, deleted] = messages.map(messageIdOf);
    if (deleted === undefined) throw new Error('there are three messages');
    await opened.bury({ holder: alice.agent, message: deleted });
    const listing = opened.reader.list(alice.agent, { anchor: { at: 'around', message: deleted }, limit: 5 });
    await expect(listing).rejects.toThrow(MessageDeletedError);
  });

  it('is refused for a message of another conversation than the one that is read', async () => {
    const [alice, , carol] = archive().agents;
    const [opened, [message]] = await begin([0]);
    if (message === undefined) throw new Error('there is a message');
    const anchor = { at: 'around', message: messageIdOf(message) } as const;
    const listing = opened.reader.list(alice.agent, { with: carol.agent, anchor, limit: 5 });
    await expect(listing).rejects.toThrow(MessageNotFoundError);
  });

  it('passes over the neighbours that the holder deleted', async () => {
    const [alice] = archive().agents;
    const [opened, messages] = await begin([0, 1, 2]);
    const [oldest, middle, newest] = messages.map(messageIdOf);
    if (oldest === undefined || middle === undefined) throw new Error('there are three messages');
    await opened.bury({ holder: alice.agent, message: oldest });
    const page = await opened.reader.list(alice.agent, {
      anchor: { at: 'around', message: middle },
      limit: 5,
    });
    expect(idsOf(page.items)).toEqual([newest, middle]);
  });
});

describe('the pages with one peer', () => {
  it('hold what either wrote to the other, and nothing else', async () => {
    const [alice, bob, carol] = archive().agents;
    const [opened, [sent]] = await begin([0]);
    const received = letter({ from: bob, to: alice, after: 1 });
    for (const message of [received, letter({ from: carol, to: alice })]) await opened.add(alice, message);
    const page = await opened.reader.list(alice.agent, {
      with: bob.agent,
      anchor: { at: 'latest' },
      limit: 5,
    });
    expect(idsOf(page.items)).toEqual(
      [received, sent].flatMap((message) => (message ? [messageIdOf(message)] : [])),
    );
  });

  it('are empty for a peer without messages', async () => {
    const [alice, , carol] = archive().agents;
    const [opened] = await begin([0]);
    const page = await opened.reader.list(alice.agent, {
      with: carol.agent,
      anchor: { at: 'latest' },
      limit: 5,
    });
    expect(page).toEqual({ items: [], next: null, prev: null });
  });
});
