import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type AgentPubKey,
  STRATEGY_NAMES,
  type StrategyName,
  parseAgentPubKey,
  parseTimestamp,
} from '@musubi/messaging';
import { InProcessRemoteCalls } from '@musubi/network';
import { Typing, type TypingWord, typingOfSignal, typingTopic } from '@musubi/node';
import { DeliveryNode } from '@musubi/testing';

const CALLED = ['source-chain', 'pairwise-dht'] as const;
const A_SECOND_US = 1_000_000;

let node: DeliveryNode;
let alice: AgentPubKey;
let bob: AgentPubKey;
let shown: ReturnType<typeof typingOfSignal>[];
let unsubscribe = (): void => undefined;

beforeAll(async () => {
  node = await DeliveryNode.open();
});

beforeEach(async () => {
  [alice, bob] = [await node.newAgent(), await node.newAgent()];
  shown = [];
  unsubscribe();
  unsubscribe = node.signals.subscribe(typingTopic(bob), (signal) => shown.push(typingOfSignal(signal)));
});

afterAll(async () => {
  unsubscribe();
  await node.close();
});

async function converse(strategy: StrategyName): Promise<void> {
  await node.attempts.first(alice, await node.save(strategy, [alice, bob]));
}

async function tell(
  strategy: StrategyName,
  { from = alice, isTyping = true }: Partial<TypingWord> = {},
): Promise<number> {
  const before = shown.length;
  node.typing.tell({ strategy, from, to: bob, isTyping });
  await node.typing.whenIdle();
  return shown.length - before;
}

/** Everything that the node has stored. */
async function rows(): Promise<number> {
  const tables = await node.context.db.query<{ name: string }[]>(
    `select quote_ident(tablename) as name from pg_tables where schemaname = 'public'`,
  );
  const counts = tables.map(({ name }) => `(select count(*) from ${name})`).join(' + ');
  const [row] = await node.context.db.query<{ all: string }[]>(`select ${counts} as all`);
  return Number(row?.all);
}

describe.each(CALLED)('typing on %s', (strategy) => {
  it('is shown to a peer, as is its end, and nothing is stored', async () => {
    await converse(strategy);
    const before = await rows();

    await tell(strategy);
    await tell(strategy, { isTyping: false });

    const word = { strategy, from: alice };
    expect(shown).toEqual([
      { ...word, isTyping: true },
      { ...word, isTyping: false },
    ]);
    expect(await rows()).toBe(before);
  });

  it('is shown of nobody who has not written there', async () => {
    expect(await tell(strategy)).toBe(0);
    await converse(strategy === 'source-chain' ? 'pairwise-dht' : 'source-chain');
    expect(await tell(strategy)).toBe(0);
  });

  it('is shown of nobody who may not write', async () => {
    await converse(strategy);
    const { writers } = node.context;
    await writers.block(bob, alice);
    expect(await tell(strategy)).toBe(0);
    await writers.unblock(bob, alice);
    await writers.set(bob, 'contacts');
    expect(await tell(strategy)).toBe(0);
    await writers.set(bob, 'everybody');
    node.clock.advance(1);

    expect(await tell(strategy)).toBe(1);
  });

  it('answers a caller in the same way, whether its word is shown or not', async () => {
    const say = (payload: Uint8Array): Promise<unknown> =>
      node.context.calls.call({ from: alice, to: bob, fn: `${strategy}/typing`, payload });
    const unknown = await say(Uint8Array.of(1));
    await converse(strategy);
    const known = await say(Uint8Array.of(1));
    await node.context.writers.block(bob, alice);
    const refused = await say(Uint8Array.of(1));

    expect(shown).toHaveLength(1);
    expect([unknown, refused]).toEqual([known, known]);
    for (const payload of [new Uint8Array(), Uint8Array.of(2), Uint8Array.of(1, 1)])
      expect(await say(payload)).toMatchObject({ kind: 'refused', code: 'invalid-message' });
  });

  it.each(['said', 'heard'])(
    'is dropped beyond four words of a pair in a second that are %s',
    async (side) => {
      await converse(strategy);
      let now = node.clock.now();
      const calls = new InProcessRemoteCalls({
        presence: node.keyring,
        clock: node.clock,
        timeoutMs: 30_000,
      });
      const stopped = { now: () => now };
      const typing = new Typing({ ...node.context, calls, clock: stopped }, node.strategies);
      typing.start();
      const call = { from: alice, to: bob, fn: `${strategy}/typing`, payload: Uint8Array.of(1) };
      const word = { strategy, from: alice, to: bob, isTyping: true };
      const say = async (): Promise<void> => {
        if (side === 'heard') await calls.call(call);
        else typing.tell(word);
        await typing.whenIdle();
      };

      for (let count = 0; count < 10; count += 1) await say();
      expect(shown).toHaveLength(4);
      now = parseTimestamp(now + A_SECOND_US);
      await say();

      expect(shown).toHaveLength(5);
      await typing.stop();
    },
  );

  it('waits for nobody who is offline', async () => {
    await converse(strategy);
    await node.goOffline(bob);
    expect(await tell(strategy)).toBe(0);
    await node.goOnline(bob);

    expect(shown).toEqual([]);
  });
});

describe('typing to peers that do not answer', () => {
  const peers = Array.from({ length: 80 }, (_, n) =>
    parseAgentPubKey(Buffer.alloc(32, n + 1).toString('base64url')),
  );
  const started: AgentPubKey[] = [];
  let end: (error: Error) => void = () => undefined;

  /** Says a word to each peer, in as many seconds as an agent needs for so many words. */
  function sayToAll(answer: Promise<never>): Typing {
    started.splice(0);
    const calls = {
      serve: () => () => undefined,
      call: ({ from }: { readonly from: AgentPubKey }) => {
        started.push(from);
        return answer;
      },
    };
    let second = 1;
    const clock = { now: () => parseTimestamp(second * A_SECOND_US) };
    const typing = new Typing({ ...node.context, calls, clock }, node.strategies);
    for (const to of peers) {
      typing.tell({ strategy: 'source-chain', from: alice, to, isTyping: true });
      second += 1;
    }
    return typing;
  }

  it('silences one agent, and no other one', async () => {
    const answer = new Promise<never>((_, reject) => (end = reject));
    const typing = sayToAll(answer);
    expect(started).toEqual(Array(16).fill(alice));

    typing.tell({ strategy: 'source-chain', from: bob, to: alice, isTyping: true });
    expect(started.slice(16)).toEqual([bob]);
    end(new Error('lost'));
    await typing.whenIdle();
  });

  it('goes on once their calls have failed', async () => {
    const answer = new Promise<never>((_, reject) => (end = reject));
    const typing = sayToAll(answer);
    end(new Error('lost'));
    await typing.whenIdle();

    typing.tell({ strategy: 'source-chain', from: alice, to: bob, isTyping: true });
    expect(started).toHaveLength(17);
    await typing.whenIdle();
  });
});

it('is carried where agents call each other, and nowhere else', async () => {
  await converse('global-dht');
  await node.whenIdle();

  expect(await tell('global-dht')).toBe(0);
  expect(STRATEGY_NAMES.map((name) => node.typing.isCarried(name))).toEqual([true, true, false]);
});
