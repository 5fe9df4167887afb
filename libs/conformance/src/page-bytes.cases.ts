import { expect } from '@jest/globals';
import { type AgentPubKey, type MessageQuery, parseTimestamp } from '@musubi/messaging';
import { pair } from './acts.js';
import { type Cases } from './cases.js';
import { type ConformanceHarness } from './harness.js';

/** Six bytes of JSON each: two such messages fit a page, and three do not. */
const LARGEST = '\u0001'.repeat(65_536);
const MESSAGES = 5;

/** Messages of the largest size with one peer each, or with the same. @returns the letters they begin with, latest first */
async function fillWithLargest(
  harness: ConformanceHarness,
  author: AgentPubKey,
  peers: readonly AgentPubKey[],
): Promise<string> {
  const start = harness.clock.now();
  for (let index = 0; index < MESSAGES; index += 1) {
    const peer = peers[index % peers.length] ?? author;
    const text = `${String.fromCharCode(97 + index)}${LARGEST.slice(1)}`;
    await harness.strategy.save({
      ...harness.draft(author, peer, text),
      sentAt: parseTimestamp(start + index * 1000),
    });
  }
  return 'edcba';
}

const lettersOf = (items: readonly { readonly message: { readonly payload: object } }[]): string =>
  items.map(({ message: { payload } }) => ('text' in payload ? String(payload.text)[0] : '?')).join('');

/** A page, and where it leads. */
async function pageAt(
  harness: ConformanceHarness,
  holder: AgentPubKey,
  anchor: MessageQuery['anchor'],
): Promise<{ readonly letters: string; readonly next: string | null; readonly prev: string | null }> {
  const { items, next, prev } = await harness.strategy.messages.list(holder, { anchor, limit: 200 });
  return { letters: lettersOf(items), next, prev };
}

export const pageBytesCases: Cases = {
  'ends a page before its messages have too many bytes, and leads on': async (harness) => {
    const [alice, bob] = await pair(harness);
    await fillWithLargest(harness, alice, [bob]);

    const first = await pageAt(harness, alice, { at: 'latest' });
    const second = await pageAt(harness, alice, { at: 'before', cursor: first.next ?? '' });
    const third = await pageAt(harness, alice, { at: 'before', cursor: second.next ?? '' });
    const back = await pageAt(harness, alice, { at: 'after', cursor: third.prev ?? '' });

    expect([first, second, third, back].map(({ letters }) => letters)).toEqual(['ed', 'cb', 'a', 'cb']);
    expect([first.prev, third.next]).toEqual([null, null]);
    expect([back.next, back.prev]).not.toContain(null);
  },

  'keeps a message in the page around it, and of a day the latest, where all have too many bytes': async (
    harness,
  ) => {
    const [alice, bob] = await pair(harness);
    await fillWithLargest(harness, alice, [bob]);
    const { items } = await harness.strategy.messages.list(alice, { anchor: { at: 'latest' }, limit: 2 });
    const message = items[1]?.message.id;
    if (message === undefined) throw new Error('there is no second message');

    const page = await pageAt(harness, alice, { at: 'around', message });

    expect(page.letters).toBe('dc');
    expect([page.next, page.prev]).not.toContain(null);
  },

  'ends a page of conversations before their messages have too many bytes': async (harness) => {
    const [alice, bob] = await pair(harness);
    const peers = [bob, await harness.newAgent(), await harness.newAgent()];
    await fillWithLargest(harness, alice, peers);

    const first = await harness.strategy.messages.conversations(alice, { limit: 200 });
    const second = await harness.strategy.messages.conversations(alice, {
      before: first.next ?? '',
      limit: 200,
    });

    const letters = [first, second].map((page) => lettersOf(page.items.map(({ last }) => last)));
    expect(letters).toEqual(['ed', 'c']);
    expect(second.next).toBeNull();
  },
};
