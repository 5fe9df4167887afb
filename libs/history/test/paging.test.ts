import { describe, expect, it } from '@jest/globals';
import { type AgentKeys } from '@musubi/crypto';
import {
  type HeldMessage,
  type MessageDraft,
  type MessageQuery,
  type Page,
  type PageAnchor,
  parseMessageId,
} from '@musubi/messaging';
import { blindedKey, messageIdOf } from '@musubi/receipts';
import fc from 'fast-check';
import { type OpenHistory, idsOf, lentArchive, letter } from './support/archive.js';

interface Sent {
  /** Few values, so that many messages share a time. */
  readonly after: number;
  readonly withCarol: boolean;
  readonly isIncoming: boolean;
}

const sents = fc.array(fc.record({ after: fc.nat(6), withCarol: fc.boolean(), isIncoming: fc.boolean() }), {
  maxLength: 24,
});

/** The whole conversation, newest first, as a sorted array: what every page must be a part of. */
function newestFirst(holder: AgentKeys, messages: readonly MessageDraft[]): readonly string[] {
  const keyed = messages.map((message) => ({ message, key: blindedKey(holder, messageIdOf(message)) }));
  keyed.sort((a, b) => b.message.sentAt - a.message.sentAt || Buffer.compare(b.key, a.key));
  return keyed.map(({ message }) => messageIdOf(message));
}

describe('paging', () => {
  const archive = lentArchive();

  async function fill(given: readonly Sent[]): Promise<[OpenHistory, readonly MessageDraft[]]> {
    const [alice, bob, carol] = archive().agents;
    const opened = archive().open();
    const messages = given.map(({ after, withCarol, isIncoming }) => {
      const peer = withCarol ? carol : bob;
      return letter({ after, ...(isIncoming ? { from: peer, to: alice } : { from: alice, to: peer }) });
    });
    for (const message of messages) await opened.add(alice, message);
    return [opened, messages];
  }

  function list({ reader }: OpenHistory, query: MessageQuery): Promise<Page<HeldMessage>> {
    return reader.list(archive().agents[0].agent, query);
  }

  interface Move {
    readonly direction: 'older' | 'newer';
    readonly limit: number;
  }

  const moves = fc.array(
    fc.record({
      direction: fc.constantFrom('older', 'older', 'newer'),
      limit: fc.integer({ min: 1, max: 7 }),
    }),
    { minLength: 1, maxLength: 10 },
  ) as fc.Arbitrary<readonly Move[]>;

  /** Where a move leads, or null when the page has no cursor that way. */
  function anchorOf(page: Page<HeldMessage>, { direction }: Move): PageAnchor | null {
    const cursor = direction === 'older' ? page.next : page.prev;
    if (cursor === null) return null;
    return { at: direction === 'older' ? 'before' : 'after', cursor };
  }

  it('agrees with a sorted array on any walk, both ways, whatever the sizes of the pages', async () => {
    await fc.assert(
      fc.asyncProperty(sents, moves, fc.boolean(), async (given, walk, withCarol) => {
        const [alice, , carol] = archive().agents;
        const [opened, all] = await fill(given);
        const scope = withCarol ? { with: carol.agent } : {};
        const mine = withCarol ? all.filter((_, index) => given[index]?.withCarol === true) : all;
        const model = newestFirst(alice, mine);

        let [from, to] = [0, Math.min(4, model.length)];
        let page = await list(opened, { ...scope, anchor: { at: 'latest' }, limit: 4 });
        for (const move of walk) {
          expect(idsOf(page.items)).toEqual(model.slice(from, to));
          expect([page.next !== null, page.prev !== null]).toEqual([to < model.length, from > 0]);
          const anchor = anchorOf(page, move);
          if (anchor === null) continue;
          [from, to] =
            move.direction === 'older'
              ? [to, Math.min(model.length, to + move.limit)]
              : [Math.max(0, from - move.limit), from];
          page = await list(opened, { ...scope, anchor, limit: move.limit });
        }
      }),
      { numRuns: 30 },
    );
  });

  it('shows each message once on the walk from the newest to the oldest', async () => {
    await fc.assert(
      fc.asyncProperty(sents, fc.integer({ min: 1, max: 5 }), async (given, limit) => {
        const [opened, all] = await fill(given);
        const seen: string[] = [];
        let anchor: PageAnchor | null = { at: 'latest' };
        while (anchor !== null) {
          const page: Page<HeldMessage> = await list(opened, { anchor, limit });
          seen.push(...idsOf(page.items));
          anchor = anchorOf(page, { direction: 'older', limit });
        }
        expect(seen).toEqual(newestFirst(archive().agents[0], all));
      }),
      { numRuns: 12 },
    );
  });

  it('puts a message in the middle of the page around it', async () => {
    const [opened, all] = await fill(
      Array.from({ length: 20 }, (_, after) => ({ after, withCarol: false, isIncoming: false })),
    );
    const model = newestFirst(archive().agents[0], all);
    const scenes = fc.record({ at: fc.nat(19), limit: fc.integer({ min: 1, max: 9 }) });
    await fc.assert(
      fc.asyncProperty(scenes, async ({ at, limit }) => {
        const message = parseMessageId(model[at] ?? '');
        const page = await list(opened, { anchor: { at: 'around', message }, limit });
        const newer = Math.floor((limit - 1) / 2);
        const [from, to] = [Math.max(0, at - newer), Math.min(20, at + limit - newer)];
        expect(idsOf(page.items)).toEqual(model.slice(from, to));
        expect([page.next !== null, page.prev !== null]).toEqual([to < 20, from > 0]);
      }),
      { numRuns: 30 },
    );
  });
});
