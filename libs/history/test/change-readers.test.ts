import { beforeAll, describe, expect, it } from '@jest/globals';
import { type AgentKeys, fromBase64Url } from '@musubi/crypto';
import { ChangeFeed } from '@musubi/history';
import { explainReads } from '@musubi/testing';
import { type Cursor, type MessageDraft } from '@musubi/messaging';
import { blindedKey, messageIdOf } from '@musubi/receipts';
import { type OpenHistory, lentArchive, letter } from './support/archive.js';

const archive = lentArchive();
let alice: AgentKeys;
let bob: AgentKeys;
let feed: ChangeFeed;
let here: OpenHistory;

beforeAll(() => {
  [alice, bob] = archive().agents;
  feed = new ChangeFeed(archive().node.context.db, archive().node.context.keyring);
  here = archive().open();
});

async function send(text: string, after = 0): Promise<MessageDraft> {
  const draft = letter({ from: alice, to: bob, text, after });
  await here.add(alice, draft);
  return draft;
}

/** 25 messages, each delivered, most read, every fifth deleted. */
async function writeMany(writer: number): Promise<void> {
  for (let n = 0; n < 25; n += 1) {
    const draft = await send(`${writer}/${n}`, -n);
    await here.addReceipt(alice, here.receipt(draft, 'delivered'));
    if (n % 3 > 0) await here.addReceipt(alice, here.receipt(draft, 'read'));
    if (n % 5 === 0) await here.bury({ holder: alice.agent, message: messageIdOf(draft) });
  }
}

/** What a client knows that asks for changes, so many at once, from the beginning on. */
class Poller {
  readonly known = new Map<string, string>();
  private cursor: Cursor | null = null;

  constructor(private readonly limit: number) {}

  /** @returns how many changes there were */
  async poll(): Promise<number> {
    const { changes, next } = await feed.after(alice.agent, this.cursor, { limit: this.limit });
    for (const { held, isDeleted } of changes)
      this.known.set(held.message.id, isDeleted ? 'deleted' : held.status);
    this.cursor = next;
    return changes.length;
  }

  async pollUntil(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) await this.poll();
    while ((await this.poll()) > 0);
  }
}

it('readers beside writers miss no change, and end with the state of the pages', async () => {
  const written = new AbortController();
  const pollers = [new Poller(7), new Poller(50)];
  const polling = pollers.map((poller) => poller.pollUntil(written.signal));

  await Promise.all([1, 2, 3, 4].map(writeMany));
  written.abort();
  await Promise.all(polling);

  const { items } = await here.reader.list(alice.agent, { anchor: { at: 'latest' }, limit: 200 });
  const listed = items.map(({ message, status }) => [message.id, status] as const);
  for (const { known } of pollers) {
    const [deleted, shown] = [0, 1].map((side) =>
      [...known].filter(([, status]) => (status === 'deleted') === (side === 0)),
    );
    expect(shown?.sort()).toEqual([...listed].sort());
    expect(deleted).toHaveLength(20);
  }
});

describe('the plan of a page of changes', () => {
  it('reads history_by_change, sorts nothing, and reads no table through', async () => {
    const { db } = here.history;
    const first = await send('first');
    await db.query(
      `insert into history (holder, placement, key, conversation, position, is_deleted, sealed, change)
       select holder, placement, sha256(('m' || n)::bytea), conversation, n, false, sealed, null
       from history, generate_series(1, 5000) as n where holder = $1 and key = $2`,
      [fromBase64Url(alice.agent), blindedKey(alice, messageIdOf(first))],
    );
    const cursor = await feed.latest(alice.agent);

    const plan = await explainReads(db, () => feed.after(alice.agent, cursor, { limit: 50 }));

    expect(plan).toMatch(/using history_by_change on history/);
    expect(plan).toMatch(/using history_unnumbered on history/);
    expect(plan).not.toMatch(/Seq Scan on history|Sort Key: .*change/);
  });
});
