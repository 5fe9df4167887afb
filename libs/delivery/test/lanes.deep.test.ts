import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type OutboxKey } from '@musubi/cell';
import { randomBytes, toBase64Url } from '@musubi/crypto';
import { writeAtOnce } from '@musubi/database';
import { OutboxWorker } from '@musubi/delivery';
import { type AgentPubKey, RecipientUnreachableError, parseMessageId, silentLog } from '@musubi/messaging';
import { SourceChainStrategy } from '@musubi/source-chain';
import { DeliveryNode, type DeliveryNodeParts, freshParts, openDeliveryDatabase } from '@musubi/testing';
import { type DataSource } from 'typeorm';
import { until, untilEqual } from '../../../test/support/until.js';

const MINUTE_S = 60;
/** Nobody looks again within a test. */
const NEVER_MS = 86_400_000;

let parts: DeliveryNodeParts;
let node: DeliveryNode;
let alice: AgentPubKey;
let bob: AgentPubKey;
let worker: OutboxWorker;
let attempts: OutboxKey[];
/** What the worker has begun, and not ended. */
let underway: number;

async function open(extra: Partial<DeliveryNodeParts> = {}): Promise<void> {
  parts = { ...freshParts(await openDeliveryDatabase()), ...extra };
  node = await DeliveryNode.start({ ...parts, ...extra });
  [alice, bob] = [await node.newAgent(), await node.newAgent()];
  [attempts, underway] = [[], 0];
}

afterEach(async () => {
  await worker.stop();
  await node.close();
});

/** Counts work as under way until what follows from its end has begun. */
function counted<Given, Result>(work: (given: Given) => Promise<Result>): (given: Given) => Promise<Result> {
  return async (given) => {
    underway += 1;
    try {
      return await work(given);
    } finally {
      setImmediate(() => (underway -= 1));
    }
  };
}

/** A worker whose attempts are seen. */
function startWorker(): void {
  const { clock, keyring, outbox } = node;
  worker = new OutboxWorker({
    outbox: {
      claim: counted((scope) => outbox.claim(scope)),
      nextDue: (scope) => outbox.nextDue(scope),
      release: (work) => outbox.release(work),
    },
    clock,
    log: silentLog,
    attempt: counted((work) => {
      attempts.push(work.outboxKey);
      return node.attempts.make(work);
    }),
    pass: counted((work) => node.attempts.pass(work)),
    online: () => keyring.online(),
    maxLanes: 8,
    pollMs: NEVER_MS,
  });
  worker.start();
}

/** Time goes by, and the worker is done with what is due then. */
async function later(seconds: number): Promise<void> {
  node.clock.advance(seconds);
  worker.wake();
  await until(async () => {
    await node.attempts.whenIdle();
    const [row] = await node.database.dataSource.query<{ due: number }[]>(
      'select count(*)::int as due from outbox where not is_failed and due_at <= $1',
      [node.clock.now()],
    );
    // A step that was taken is not due, and may still be tried.
    expect([row?.due, underway]).toEqual([0, 0]);
  });
}

async function send(count: number): Promise<readonly OutboxKey[]> {
  const sent: OutboxKey[] = [];
  for (let made = 0; made < count; made += 1) {
    const outboxKey = await node.save('source-chain', [alice, bob]);
    await node.attempts.first(alice, outboxKey);
    sent.push(outboxKey);
  }
  return sent;
}

const statusOf = async ({ message }: OutboxKey): Promise<string> =>
  (await node.strategies['source-chain'].messages.find({ holder: alice, message })).status;

describe('messages that wait for one recipient', () => {
  beforeEach(() => open());

  it('are tried once for all', async () => {
    await node.goOffline(bob);
    await send(5);
    startWorker();

    for (let round = 0; round < 6; round += 1) await later(10 * MINUTE_S);

    expect(attempts).toHaveLength(6);
    expect(await node.owedCount()).toBe(5);
  });

  it('all leave when it is back, also those that are more than one look', async () => {
    await node.goOffline(bob);
    const sent = await send(150);
    startWorker();
    for (let round = 0; round < 3; round += 1) await later(10 * MINUTE_S);

    await node.goOnline(bob);
    worker.wake();

    await until(async () => {
      worker.wake();
      expect(await node.owedCount()).toBe(0);
    });
    for (const outboxKey of sent) expect(await statusOf(outboxKey)).toBe('delivered');
  });

  it('are not held up by one that the recipient fails at', async () => {
    await node.goOffline(bob);
    const [bad, ...good] = await send(4);
    if (bad === undefined) throw new Error('nothing was sent');
    await node.goOnline(bob);
    node.commits.atCommit = ({ step, agent }) => {
      const isBad = step === 'accept' && agent === bob && attempts.at(-1)?.message === bad.message;
      return isBad ? Promise.reject(new Error('the disk has a hole')) : Promise.resolve();
    };
    startWorker();

    for (let round = 0; round < 4; round += 1) await later(10 * MINUTE_S);

    for (const outboxKey of good) await untilEqual('delivered', () => statusOf(outboxKey));
    expect(await statusOf(bad)).toBe('saved');
  });
});

describe('messages whose patience ends while their recipient is away', () => {
  it('all fail, and their author is told of each', async () => {
    await open({ patience: { kind: 'time', us: MINUTE_S * 1_000_000 } });
    const told: (string | undefined)[] = [];
    node.signals.subscribe(alice, ({ type, message }) => {
      if (type === 'delivery-failed') told.push(message);
    });
    await node.goOffline(bob);
    const sent = await send(12);
    startWorker();

    for (let round = 0; round < 40; round += 1) await later(2);

    expect(told.toSorted()).toEqual(sent.map(({ message }) => message).toSorted());
    expect(await node.owedCount()).toBe(0);
    expect(attempts.length).toBeLessThan(40 + sent.length);
  });
});

describe('10,000 messages that wait for somebody who is away', () => {
  const MANY = 10_000;
  let statements: number;

  /** Counts what a node asks of its database. */
  function counting(db: DataSource): DataSource {
    return new Proxy(db, {
      get(target, name) {
        if (name === 'query' || name === 'createQueryRunner') statements += 1;
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }

  it('cost an attempt in five minutes, and a few statements', async () => {
    statements = 0;
    const database = await openDeliveryDatabase();
    const away = (): Promise<never> => Promise.reject(new RecipientUnreachableError('away'));
    await open({
      ...{ database, db: counting(database.dataSource) },
      instead: (context) => {
        const strategy = new SourceChainStrategy(context);
        return { 'source-chain': Object.assign(strategy, { send: away, probe: away }) };
      },
    });
    const keys = node.keyring.keysOf(alice);
    const rows = Array.from({ length: MANY }, () => {
      const message = parseMessageId(toBase64Url(randomBytes(32)));
      return node.outbox.enqueue(keys, { strategy: 'source-chain', message, step: 'send', peer: bob });
    });
    await writeAtOnce(node.database.dataSource, rows.flat());
    await node.database.dataSource.query(
      `update outbox set attempt = 10, last_error = 'recipient-unreachable', due_at = $1`,
      [node.clock.now()],
    );
    startWorker();
    await later(0);
    [statements, attempts] = [0, []];

    for (let minute = 0; minute < 60; minute += 1) await later(MINUTE_S);

    // 3600 s in waits of 309 s.
    expect(attempts.length).toBeGreaterThanOrEqual(10);
    expect(attempts.length).toBeLessThanOrEqual(12);
    // Each minute the test itself wakes the worker: two looks.
    expect(statements).toBeLessThan(12 * 20 + 60 * 4);
    expect(await node.owedCount()).toBe(MANY);
  });
});
