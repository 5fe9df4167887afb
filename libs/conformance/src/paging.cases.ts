import { expect } from '@jest/globals';
import pMap from 'p-map';
import {
  type AgentPubKey,
  type Cursor,
  type HeldMessage,
  MessageDeletedError,
  type MessageDraft,
  MessageNotFoundError,
  MICROSECONDS_PER_DAY,
  type MessageQuery,
  dayOf,
  ofDay,
  parseTimestamp,
} from '@musubi/messaging';
import { only, pair } from './acts.js';
import { type Cases } from './cases.js';
import { type ConformanceHarness } from './harness.js';

const MANY = 1000;
const PAGE = 70;
/** Of these in a row, two were sent at the same microsecond. */
const TIE_EVERY = 10;

/** A history of so many messages by one author, with ties, saved in no particular order. */
export async function fill(
  harness: ConformanceHarness,
  [author, peer]: readonly [AgentPubKey, AgentPubKey],
  count: number,
): Promise<readonly MessageDraft[]> {
  const start = harness.clock.now();
  const drafts = Array.from({ length: count }, (_, index) => {
    const tied = index % TIE_EVERY === 1 ? index - 1 : index;
    return {
      ...harness.draft(author, peer, `message ${index}`),
      sentAt: parseTimestamp(start + tied * 1000),
    };
  });
  await harness.strategy.save(only(drafts.slice(0, 1)));
  await pMap(drafts.slice(1), (draft) => harness.strategy.save(draft), { concurrency: 8 });
  return drafts;
}

type Between = () => Promise<unknown>;

/** Walks `next` from the latest page to the end. */
async function walk(
  harness: ConformanceHarness,
  holder: AgentPubKey,
  between: Between = () => Promise.resolve(),
): Promise<{ readonly items: readonly HeldMessage[]; readonly last: Cursor | null }> {
  const items: HeldMessage[] = [];
  let anchor: MessageQuery['anchor'] = { at: 'latest' };
  for (;;) {
    const page = await harness.strategy.messages.list(holder, { anchor, limit: PAGE });
    items.push(...page.items);
    if (page.next === null) return { items, last: page.prev };
    anchor = { at: 'before', cursor: page.next };
    await between();
  }
}

/** Walks `prev` from a cursor to the newest page: the messages newer than the cursor, newest first. */
async function walkBack(
  harness: ConformanceHarness,
  holder: AgentPubKey,
  from: Cursor | null,
): Promise<readonly HeldMessage[]> {
  let items: readonly HeldMessage[] = [];
  for (let cursor = from; cursor !== null;) {
    const page = await harness.strategy.messages.list(holder, {
      anchor: { at: 'after', cursor },
      limit: PAGE,
    });
    items = [...page.items, ...items];
    cursor = page.prev;
  }
  return items;
}

const ids = (items: readonly HeldMessage[]): readonly string[] => items.map(({ message }) => message.id);

/** Pages are ranges of (sentAt, id): nothing is shown twice or left out, whatever is added meanwhile. */
export const pagingCases: Cases = {
  [`walks ${MANY} messages and back, latest first, each once, by an index alone`]: async (harness) => {
    const [alice, bob] = await pair(harness);
    const drafts = await fill(harness, [alice, bob], MANY);

    const { items, last } = await walk(harness, alice);
    const back = await walkBack(harness, alice, last);

    const times = items.map(({ message }) => message.sentAt);
    expect(new Set(ids(items))).toEqual(new Set(drafts.map((draft) => harness.notary.messageIdOf(draft))));
    expect(items).toHaveLength(MANY);
    expect(times).toEqual([...times].sort((a, b) => b - a));
    expect(ids(back)).toEqual(ids(items).slice(0, back.length));
    expect(back.length).toBe(MANY - (MANY % PAGE === 0 ? PAGE : MANY % PAGE));
    for (const anchor of [
      { at: 'latest' } as const,
      ...(last === null ? [] : [{ at: 'after', cursor: last } as const]),
    ]) {
      const plan = await harness.explain(alice, { with: bob, anchor, limit: PAGE });
      expect(plan ?? 'Index').toContain('Index');
      expect(plan ?? '').not.toContain('Seq Scan');
    }
  },

  'neither repeats nor drops a message when others are added during a walk': async (harness) => {
    const [alice, bob] = await pair(harness);
    const drafts = await fill(harness, [alice, bob], 300);
    const [oldest] = drafts;
    let added = 0;
    const add = async (): Promise<void> => {
      added += 1;
      await harness.strategy.save(harness.draft(alice, bob, `newer ${added}`));
      const sentAt = parseTimestamp((oldest?.sentAt ?? 0) + added * 50_000 + 1);
      await harness.strategy.save({ ...harness.draft(alice, bob, `between ${added}`), sentAt });
    };

    const { items } = await walk(harness, alice, add);

    const original = new Set<string>(drafts.map((draft) => harness.notary.messageIdOf(draft)));
    const seen = ids(items).filter((id) => original.has(id));
    expect(seen).toHaveLength(original.size);
    expect(new Set(ids(items)).size).toBe(items.length);
  },

  'pages the messages with one peer only': async (harness) => {
    const [alice, bob] = await pair(harness);
    const carol = await harness.newAgent();
    await fill(harness, [alice, bob], 5);
    await fill(harness, [alice, carol], 3);

    const page = await harness.strategy.messages.list(alice, {
      with: carol,
      anchor: { at: 'latest' },
      limit: 50,
    });

    expect(page.items.map(({ message }) => message.recipient)).toEqual([carol, carol, carol]);
  },

  'puts a message in the middle of the page around it': async (harness) => {
    const [alice, bob] = await pair(harness);
    await fill(harness, [alice, bob], 21);
    const { items: all } = await walk(harness, alice);
    const message = only(ids(all.slice(10, 11)));

    const page = await harness.strategy.messages.list(alice, {
      anchor: { at: 'around', message: only(all.slice(10, 11)).message.id },
      limit: 5,
    });

    expect(ids(page.items)).toEqual(ids(all).slice(8, 13));
    expect(ids(page.items)[2]).toBe(message);
    expect([page.next, page.prev]).not.toContain(null);
  },

  'centres no page on a message that is not among what is listed': async (harness) => {
    const [alice, bob] = await pair(harness);
    const carol = await harness.newAgent();
    const { message } = await harness.strategy.save(harness.draft(alice, bob));
    const anchor = { at: 'around', message } as const;

    const elsewhere = harness.strategy.messages.list(alice, { with: carol, anchor, limit: 5 });
    await expect(elsewhere).rejects.toThrow(MessageNotFoundError);
    await harness.strategy.remove({ holder: alice, message });
    const deleted = harness.strategy.messages.list(alice, { anchor, limit: 5 });
    await expect(deleted).rejects.toThrow(MessageDeletedError);
  },

  'pages the messages of one day': async (harness) => {
    const [alice, bob] = await pair(harness);
    const now = harness.clock.now();
    const days = [now - MICROSECONDS_PER_DAY, now, now + MICROSECONDS_PER_DAY].map(parseTimestamp);
    for (const sentAt of days) await harness.strategy.save({ ...harness.draft(alice, bob), sentAt });

    const page = await harness.strategy.messages.list(alice, {
      anchor: ofDay(dayOf(now)),
      limit: 50,
    });

    expect(page.items.map(({ message }) => message.sentAt)).toEqual([now]);
  },
};
