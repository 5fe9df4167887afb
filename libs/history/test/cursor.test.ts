import { beforeAll, describe, expect, it } from '@jest/globals';
import { fromBase64Url, toBase64Url } from '@musubi/crypto';
import { type Cursor, InvalidCursorError, type PageAnchor } from '@musubi/messaging';
import fc from 'fast-check';
import { type OpenHistory, lentArchive, letter } from './support/archive.js';

describe('a cursor', () => {
  const archive = lentArchive();
  let opened: OpenHistory;
  let cursor: Cursor;

  /** A history of Alice's with three messages, and the cursor after its first. */
  async function begin(): Promise<[OpenHistory, Cursor]> {
    const [alice, bob] = archive().agents;
    const history = archive().open();
    for (const after of [1, 2, 3]) await history.add(alice, letter({ from: alice, to: bob, after }));
    const { next } = await history.reader.list(alice.agent, { anchor: { at: 'latest' }, limit: 1 });
    if (next === null) throw new Error('there are older messages');
    return [history, next];
  }

  beforeAll(async () => {
    [opened, cursor] = await begin();
  });

  function list(anchor: PageAnchor): Promise<unknown> {
    return opened.reader.list(archive().agents[0].agent, { anchor, limit: 5 });
  }

  it('is accepted as it was given', async () => {
    await expect(list({ at: 'before', cursor })).resolves.toMatchObject({
      prev: expect.any(String) as unknown,
    });
  });

  it('stays good when messages are added', async () => {
    const [alice, bob] = archive().agents;
    const [history, next] = await begin();
    const query = { anchor: { at: 'before', cursor: next }, limit: 5 } as const;
    const before = await history.reader.list(alice.agent, query);
    await history.add(alice, letter({ from: alice, to: bob, after: 4 }));
    expect(await history.reader.list(alice.agent, query)).toEqual(before);
  });

  it.each(['before', 'after'] as const)('is refused %s when any bit of it is flipped', async (at) => {
    const bytes = fromBase64Url(cursor);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async (bit) => {
        const changed = bytes.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
        await expect(list({ at, cursor: toBase64Url(changed) })).rejects.toThrow(InvalidCursorError);
      }),
      { numRuns: 200 },
    );
  });

  it('is refused when it is any other text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 120 }), async (text) => {
        await expect(list({ at: 'before', cursor: text })).rejects.toThrow(InvalidCursorError);
      }),
    );
  });

  it('is refused from another agent', async () => {
    const [, bob] = archive().agents;
    const anchor = { at: 'before', cursor } as const;
    await expect(opened.reader.list(bob.agent, { anchor, limit: 5 })).rejects.toThrow(InvalidCursorError);
  });

  it('is refused in another placement', async () => {
    const [alice] = archive().agents;
    const [elsewhere] = await begin();
    const anchor = { at: 'before', cursor } as const;
    await expect(elsewhere.reader.list(alice.agent, { anchor, limit: 5 })).rejects.toThrow(
      InvalidCursorError,
    );
  });

  it('is refused by the conversations when any bit of it is flipped', async () => {
    const [alice] = archive().agents;
    const bytes = fromBase64Url(cursor);
    const before = toBase64Url(bytes.map((byte, index) => (index === 3 ? byte ^ 1 : byte)));
    await expect(opened.reader.conversations(alice.agent, { before, limit: 5 })).rejects.toThrow(
      InvalidCursorError,
    );
  });

  it('tells nothing of the time at which a message was sent', async () => {
    const position = new DataView(fromBase64Url(cursor).buffer).getBigUint64(0);
    const [newest] = await opened.history.db.query<{ position: string }[]>(
      'select position from history where placement = $1 order by position desc limit 1',
      [opened.history.placement],
    );
    expect(String(position)).toBe(newest?.position);
  });
});
