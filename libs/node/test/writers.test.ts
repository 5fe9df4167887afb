import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type OutboxKey, Writers } from '@musubi/cell';
import { fromBase64Url } from '@musubi/crypto';
import { type AttemptOutcome } from '@musubi/delivery';
import { type AgentPubKey, type MessageRef, type StrategyName } from '@musubi/messaging';
import { DeliveryNode } from '@musubi/testing';

const PLACEMENTS = ['source-chain', 'pairwise-dht', 'global-dht'] as const;
const CALLED = ['source-chain', 'pairwise-dht'] as const;
/** Whose rows are their holder's. */
const HELD = ['history', 'receipt', 'unread_mark', 'outbox', 'clone', 'integrated_record', 'mailbox_contact'];
const REASON = 'remote-call-refused/recipient-refuses';
const LOAD = 40;

let node: DeliveryNode;
let [alice, bob]: AgentPubKey[] = [];

beforeAll(async () => {
  node = await DeliveryNode.open();
});

beforeEach(async () => {
  [alice, bob] = [await node.newAgent(), await node.newAgent()];
});

afterAll(async () => {
  await node.close();
});

function pair(): readonly [AgentPubKey, AgentPubKey] {
  if (alice === undefined || bob === undefined) throw new Error('there are no agents');
  return [alice, bob];
}

const writers = (): Writers => node.context.writers;

/** What the agent has, on its chain and in its stores. */
async function heldBy(agent: AgentPubKey): Promise<number> {
  const counts = HELD.map((table) => `(select count(*) from ${table} where holder = $1)`);
  const sql = `select ${counts.join(' + ')} + (select count(*) from action where author = $1) as rows`;
  const [row] = await node.context.db.query<{ rows: string }[]>(sql, [fromBase64Url(agent)]);
  return Number(row?.rows);
}

async function send(strategy: StrategyName, from: AgentPubKey, to: AgentPubKey): Promise<OutboxKey> {
  const step = await node.save(strategy, [from, to]);
  await attempt(from, step);
  return step;
}

async function attempt(author: AgentPubKey, step: OutboxKey): Promise<AttemptOutcome> {
  const outcome = await node.attempts.first(author, step);
  await node.whenIdle();
  return outcome;
}

async function statusOf(strategy: StrategyName, ref: MessageRef): Promise<string> {
  return (await node.strategies[strategy].messages.find(ref)).status;
}

/** What its author is told of a message that has not arrived. */
async function shown(author: AgentPubKey, step: OutboxKey): Promise<readonly unknown[]> {
  const work = await node.outbox.find(node.keyring.keysOf(author), step);
  const status = await statusOf(step.strategy, { holder: author, message: step.message });
  return [status, work?.isFailed, work?.lastError];
}

function has(strategy: StrategyName, ref: MessageRef): Promise<boolean> {
  return statusOf(strategy, ref).then(
    () => true,
    () => false,
  );
}

describe.each(CALLED)('on %s', (strategy) => {
  it('refuses a blocked author and a stranger alike, and nothing is written', async () => {
    const [from, to] = pair();
    await writers().block(to, from);
    const before = await heldBy(to);
    const blocked = await send(strategy, from, to);
    await writers().unblock(to, from);
    await writers().set(to, 'contacts');
    const stranger = await send(strategy, from, to);
    await writers().set(to, 'nobody');
    const anybody = await send(strategy, from, to);

    for (const step of [blocked, stranger, anybody])
      expect(await shown(from, step)).toEqual(['saved', true, REASON]);
    expect(await heldBy(to)).toBe(before);
    expect(node.log.lines.join()).not.toContain('call-refused');
  });

  it('opens no clone, and delivers when the author tries again after the block', async () => {
    const [from, to] = pair();
    await writers().block(to, from);
    const step = await send(strategy, from, to);
    await writers().unblock(to, from);
    await node.attempts.retry(from, step);

    expect(await statusOf(strategy, { holder: from, message: step.message })).toBe('delivered');
  });

  it('keeps what was delivered before, also where its author does not know that yet', async () => {
    const [from, to] = pair();
    await send(strategy, from, to);
    const step = await node.save(strategy, [from, to]);
    node.faults.set([{ fault: { kind: 'reply-lost' }, to, times: 1 }]);
    await attempt(from, step);
    expect(await statusOf(strategy, { holder: from, message: step.message })).toBe('saved');
    await writers().block(to, from);
    const before = await heldBy(to);

    // Without a probe: the message comes a second time.
    const receipt = await node.strategies[strategy].send({ holder: from, message: step.message });

    expect(receipt).toMatchObject({ status: 'delivered', by: to });
    expect(await heldBy(to)).toBe(before);
  });
});

describe.each(PLACEMENTS)('on %s, too', (strategy) => {
  it('brings receipts both ways for what was delivered before a block', async () => {
    const [from, to] = pair();
    const [sent, got] = [await send(strategy, from, to), await send(strategy, to, from)];
    await writers().block(to, from);

    for (const [reader, author, { message }] of [
      [to, from, sent],
      [from, to, got],
    ] as const) {
      await node.strategies[strategy].read({ holder: reader, message });
      await attempt(reader, { strategy, message, step: 'read' });
      expect(await statusOf(strategy, { holder: author, message })).toBe('read');
    }
  });

  it('lets an agent write to one that it blocks, and gets its receipts', async () => {
    const [from, to] = pair();
    await writers().block(from, to);
    await writers().set(from, 'nobody');
    const { message } = await send(strategy, from, to);

    expect(await statusOf(strategy, { holder: from, message })).toBe('delivered');
  });

  it('takes what contacts write, where only they may, until they are none', async () => {
    const [from, to] = pair();
    await writers().set(to, 'contacts');
    await writers().changing(to, () => writers().contacts.add(to, from, 1));
    const first = await send(strategy, from, to);
    await writers().changing(to, () => writers().contacts.remove(to, from));
    const second = await send(strategy, from, to);

    expect(await statusOf(strategy, { holder: from, message: first.message })).toBe('delivered');
    expect(await statusOf(strategy, { holder: from, message: second.message })).toBe('saved');
    expect(await has(strategy, { holder: to, message: second.message })).toBe(false);
  });

  it('holds at once, whichever process the change is made in', async () => {
    const [from, to] = pair();
    const { db, keyring } = node.context;
    const elsewhere = new Writers({ db, keyring, ownsDatabase: false });
    await send(strategy, from, to);
    await elsewhere.block(to, from);
    const refused = [await send(strategy, from, to), await send(strategy, from, to)];
    await elsewhere.unblock(to, from);
    const taken = await send(strategy, from, to);

    for (const { message } of refused) expect(await has(strategy, { holder: to, message })).toBe(false);
    expect(await statusOf(strategy, { holder: from, message: taken.message })).toBe('delivered');
  });

  it('delivers or refuses each message that a block meets, whole and once', async () => {
    const [from, to] = pair();
    await send(strategy, from, to);
    const steps = await Promise.all(Array.from({ length: LOAD }, () => node.save(strategy, [from, to])));
    const attempts = steps.map((step) => node.attempts.first(from, step));
    // In the middle of them, wherever that is.
    await attempts[3];
    await writers().block(to, from);
    const atBlock = await countOf('history', to);
    await Promise.all(attempts);
    await node.whenIdle();

    const delivered = await Promise.all(steps.map(({ message }) => has(strategy, { holder: to, message })));
    const known = await Promise.all(
      steps.map(({ message }) => statusOf(strategy, { holder: from, message })),
    );
    expect(known.map((status) => status === 'delivered')).toEqual(delivered);
    const count = delivered.filter(Boolean).length + 1;
    expect([await countOf('history', to), atBlock]).toEqual([count, count]);
    // Each with `saved` and `delivered`.
    expect(await countOf('receipt', to)).toBe(2 * count);
  });
});

async function countOf(table: 'history' | 'receipt', holder: AgentPubKey): Promise<number> {
  const sql = `select count(*)::int as rows from ${table} where holder = $1`;
  const [row] = await node.context.db.query<{ rows: number }[]>(sql, [fromBase64Url(holder)]);
  return row?.rows ?? 0;
}

describe('on global-dht', () => {
  it('drops what a blocked author has published: it stays saved, and nothing is written', async () => {
    const [from, to] = pair();
    await writers().block(to, from);
    const before = await heldBy(to);
    const stranger = await send('global-dht', from, to);

    expect(await heldBy(to)).toBe(before);
    expect(await shown(from, stranger)).toEqual(['saved', undefined, undefined]);
    expect(node.log.lines.join()).not.toContain('letter-quarantined');
  });

  it.each(['stranger', 'acquaintance'])('finds what it dropped of a %s once that may write', async (who) => {
    const [from, to] = pair();
    if (who === 'acquaintance') await send('global-dht', from, to);
    await writers().block(to, from);
    const step = await send('global-dht', from, to);
    const ref = { holder: to, message: step.message };
    expect(await has('global-dht', ref)).toBe(false);

    await writers().unblock(to, from);
    await node.strategies['global-dht'].lookAgain(to, from);
    await node.whenIdle();

    expect(await has('global-dht', ref)).toBe(true);
    expect(await statusOf('global-dht', { holder: from, message: step.message })).toBe('delivered');
  });

  it('finds requests for contact of earlier days once anybody may write', async () => {
    const [from, to] = pair();
    await writers().set(to, 'nobody');
    await send('global-dht', from, to);
    node.clock.advance(40 * 86_400);
    await node.strategies['global-dht'].poll(0);
    await writers().set(to, 'everybody');
    await node.strategies['global-dht'].lookAgain(to, null);
    await node.whenIdle();
    const step = await send('global-dht', from, to);

    expect(await statusOf('global-dht', { holder: from, message: step.message })).toBe('delivered');
  });
});

describe('blocks', () => {
  it('are listed page by page, and the disk does not show whose they are', async () => {
    const [from, to] = pair();
    for (const agent of [from, await node.newAgent(), await node.newAgent()])
      expect(await writers().block(to, agent)).toBe(true);
    const first = await writers().blocks.list(to, { limit: 2 });
    const last = await writers().blocks.list(to, { limit: 2, after: first.next ?? '' });

    expect([first.items.length, last.items.length, last.next]).toEqual([2, 1, null]);
    expect(new Set([...first.items, ...last.items]).has(from)).toBe(true);
    const rows = await node.context.db.query<Record<string, Uint8Array>[]>(
      'select key, sealed from blocked_agent where holder = $1',
      [fromBase64Url(to)],
    );
    const stored = Buffer.concat(rows.flatMap(Object.values)).toString('hex');
    expect(stored).not.toContain(Buffer.from(fromBase64Url(from)).toString('hex'));
  });

  it('are remembered where no other process writes, and forgotten when they change', async () => {
    const [from, to] = pair();
    const { db, keyring } = node.context;
    const own = new Writers({ db, keyring, ownsDatabase: true });
    const keys = keyring.keysOf(to);
    await own.block(to, from);
    expect(await own.mayWrite(keys, from)).toBe(false);
    await own.unblock(to, from);
    expect(await own.mayWrite(keys, from)).toBe(true);
    await own.set(to, 'nobody');
    expect([await own.mayWrite(keys, from), await own.setting(to)]).toEqual([false, 'nobody']);
  });
});
