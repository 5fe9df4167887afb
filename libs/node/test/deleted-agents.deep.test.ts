import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AgentFences } from '@musubi/cell';
import { fromBase64Url } from '@musubi/crypto';
import { type Sql, violatedConstraint } from '@musubi/database';
import { AgentMovedError, type AgentPubKey, STRATEGY_NAMES } from '@musubi/messaging';
import { AgentDeletion } from '@musubi/node';
import { DeliveryNode } from '@musubi/testing';
import { untilEqual } from '../../../test/support/until.js';

const PASSPHRASE = 'correct horse battery staple';
const MANY = 3000;
const NOTHING = (): Promise<void> => Promise.resolve();

let node: DeliveryNode;
let deletion: AgentDeletion;
let batches: number;
let onBatch: (count: number) => void;
let author: AgentPubKey;
let deleted: AgentPubKey;

beforeEach(async () => {
  node = await DeliveryNode.open();
  const { db: database, keyring } = node.context;
  batches = 0;
  onBatch = () => undefined;
  const { fences } = node;
  const counting = {
    isDeleted: fences.isDeleted.bind(fences),
    raiseForGood: fences.raiseForGood.bind(fences),
    refresh: fences.refresh.bind(fences),
    arrive: (tx: Sql) => {
      batches += 1;
      onBatch(batches);
      return fences.arrive(tx);
    },
  };
  deletion = new AgentDeletion({ database, keyring, fences: counting, tables: [] });
  [author, deleted] = [await node.newAgent(), await node.newAgent()];
});

afterEach(() => node.close());

async function storedKeyOf(agent: AgentPubKey): Promise<Uint8Array> {
  const opened = await node.context.keyring.open(agent, PASSPHRASE);
  if (opened === null) throw new Error('there is no such key');
  return opened.stored;
}

async function begin(): Promise<boolean> {
  return deletion.begin({ agent: deleted, stored: await storedKeyOf(deleted) }, NOTHING);
}

async function rowsOf(table: string): Promise<number> {
  const sql = `select count(*)::int as rows from ${table} where holder = $1`;
  const [row] = await node.context.db.query<{ rows: number }[]>(sql, [fromBase64Url(deleted)]);
  return row?.rows ?? -1;
}

async function queue(steps: number): Promise<void> {
  await node.context.db.query(
    `insert into outbox (holder, placement, key, step, lane, message, attempt, due_at, is_failed, last_error, waited)
     select $1, 'source-chain', sha256(number::text::bytea), 'send', '', '', 0, 0, true, null, 0
     from generate_series(1, ${steps}) as number`,
    [fromBase64Url(deleted)],
  );
}

async function isSomebodyWaiting(): Promise<boolean> {
  const [row] = await node.context.db.query<{ is_waiting: boolean }[]>(
    `select exists (select from pg_locks where locktype = 'advisory' and not granted
     and database = (select oid from pg_database where datname = current_database())) as is_waiting`,
  );
  return row?.is_waiting ?? false;
}

describe.each(STRATEGY_NAMES)('a message on %s', (strategy) => {
  it('that was saved before its recipient was deleted fails at its first attempt, and is tried no more', async () => {
    const step = await node.save(strategy, [author, deleted]);
    expect(await begin()).toBe(true);

    const outcome = await node.attempts.first(author, step);

    expect(outcome).toEqual({ kind: 'failed' });
    const rows = await node.context.db.query<{ is_failed: boolean; last_error: string }[]>(
      'select is_failed, last_error from outbox',
    );
    expect(rows).toEqual([{ is_failed: true, last_error: 'remote-call-refused/agent-deleted' }]);
  });

  it('whose recipient was deleted since is pinned by its author alone', async () => {
    const step = await node.save(strategy, [author, deleted]);
    await node.attempts.first(author, step);
    await node.whenIdle();
    const { messages, pins } = node.strategies[strategy];
    const ref = { holder: author, message: step.message };
    await untilEqual('delivered', async () => (await messages.find(ref)).status);
    await begin();
    const pin = await pins.pin(ref, true);
    if (pin === null) throw new Error('nothing was said');

    expect(await node.attempts.first(author, { strategy, message: pin, step: 'pin' })).toEqual({
      kind: 'failed',
    });
    expect((await messages.find(ref)).pinned).toBe(true);
    expect(await node.owedCount()).toBe(0);
  });

  it('is not saved for an author that was deleted, although its key is still unlocked', async () => {
    await begin();

    await expect(node.save(strategy, [deleted, author])).rejects.toThrow(AgentMovedError);
  });
});

describe('a deletion of which nobody knows whether it was committed', () => {
  const lost = new Error('the connection was lost');

  it('is known by the fence, when it was', async () => {
    const opened = { agent: deleted, stored: await storedKeyOf(deleted) };

    const isBegun = await deletion.begin(opened, async (tx) => {
      await tx.query('commit');
      throw lost;
    });

    expect([isBegun, node.fences.find(deleted)?.isDeleted]).toEqual([true, true]);
    expect(await node.context.keyring.open(deleted, PASSPHRASE)).toBeNull();
  });

  it('fails, and leaves the agent as it was, when it was not', async () => {
    const opened = { agent: deleted, stored: await storedKeyOf(deleted) };

    await expect(deletion.begin(opened, () => Promise.reject(lost))).rejects.toBe(lost);

    expect(node.fences.find(deleted)).toBeUndefined();
    expect(await node.context.keyring.open(deleted, PASSPHRASE)).not.toBeNull();
  });
});

describe('a process that was not told of a deletion', () => {
  it('learns of it when it looks, and reads nothing when there is none more', async () => {
    const other = new AgentFences(node.context.db);
    const changed: AgentPubKey[] = [];
    await other.load((agent) => changed.push(agent));
    await begin();
    expect(other.find(deleted)).toBeUndefined();

    await other.refreshDeleted();
    await other.refreshDeleted();

    expect([other.find(deleted)?.isDeleted, changed]).toEqual([true, [deleted]]);
  });
});

describe('a deleted agent', () => {
  it.each([
    ['change_counter', '(holder, last) values ($1, 0)'],
    ['change_epoch', `(holder, first, epoch) values ($1, 0, '')`],
    ['integrated_record', `(space, holder, author, seq, hash, record) values ('', $1, '', 0, '', '')`],
    ['mailbox_contact', `(holder, key, is_knocked, sealed) values ($1, '', false, '')`],
    ['mailbox_watch', `(holder, sealed) values ($1, '')`],
    ['unread_mark', `(holder, placement, key, conversation) values ($1, '', '', '')`],
    ['unread_unmarked', `(holder, placement, key) values ($1, '', '')`],
  ])('gets no row in %s, which is written beside the act of sending', async (table, values) => {
    await begin();
    const before = await rowsOf(table);
    const added = node.context.db.query(`insert into ${table} ${values}`, [fromBase64Url(deleted)]);

    expect(await added.catch((error: unknown) => violatedConstraint(error))).toBe('agent_at_home');

    expect(await rowsOf(table)).toBe(before);
  });

  it('gets no pin', async () => {
    await begin();
    const put = node.context.db.query(`select put_pin($1, '', '', '', '', true, '')`, [
      fromBase64Url(deleted),
    ]);

    expect(await put.catch((error: unknown) => violatedConstraint(error))).toBe('agent_at_home');
  });

  it('is deleted only when what is being written for it is there, and then that goes, too', async () => {
    const writer = node.context.db.createQueryRunner();
    await writer.connect();
    await writer.startTransaction();
    await writer.query(
      `insert into unread_mark (holder, placement, key, conversation) values ($1, '', '', '')`,
      [fromBase64Url(deleted)],
    );
    const begun = begin();
    await untilEqual(true, isSomebodyWaiting);

    await writer.commitTransaction();
    await writer.release();

    expect([await begun, await rowsOf('unread_mark')]).toEqual([true, 1]);
    await deletion.clear(deleted, new AbortController().signal, NOTHING);
    expect([await deletion.unfinished(), await rowsOf('unread_mark')]).toEqual([[], 0]);
  });

  it.each([
    ['once', `nextval('skipped') = 1`, [], 0],
    ['each time', 'true', [1], 3],
  ])('is not called cleared when a batch has passed over rows %s', async (_, isSkipped, left, rows) => {
    const { db } = node.context;
    await queue(3);
    await db.query(`
      create sequence skipped;
      create function skip() returns trigger language plpgsql as $$
      begin
        if ${isSkipped} then return null; end if;
        return old;
      end $$;
      create trigger skips before delete on outbox for each row execute function skip()`);
    await begin();

    const clearing = deletion.clear(deleted, new AbortController().signal, NOTHING);

    const failure = await clearing.then(
      () => [],
      () => [1],
    );
    expect([failure, (await deletion.unfinished()).length]).toEqual([left, left.length]);
    expect(await rowsOf('outbox')).toBe(rows);
  });

  it('is cleared batch by batch: what was interrupted goes on, and a second one finds nothing to do', async () => {
    await queue(MANY);
    await begin();
    const stopping = new AbortController();
    onBatch = (count) => {
      if (count === 2) stopping.abort('enough');
    };

    await deletion.clear(deleted, stopping.signal, NOTHING);
    expect([batches, await deletion.unfinished()]).toEqual([2, [deleted]]);
    const on = new AbortController().signal;
    await Promise.all([1, 2].map(() => deletion.clear(deleted, on, NOTHING)));
    // Where the two stood in each other's way, each left the rest to the other.
    for (const left of await deletion.unfinished()) await deletion.clear(left, on, NOTHING);

    expect([await deletion.unfinished(), await rowsOf('outbox')]).toEqual([[], 0]);
    expect(batches).toBeGreaterThan(MANY / 1000);
    const done = batches;
    await deletion.clear(deleted, on, NOTHING);
    expect(batches).toBe(done);
  });
});
