import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Cursor, SystemClock, parseAgentPubKey, parseTimestamp } from '@musubi/messaging';
import { InProcessSignals } from '@musubi/network';
import { typingTopic } from '@musubi/node';
import { type MessageEvent } from '@nestjs/common';
import { until } from '../../../test/support/until.js';
import { type AgentChange, type AgentChangePage } from '../src/changes/agent-changes.js';
import { AgentEvents, type EventPage } from '../src/signals/agent-events.js';
import { TypingWords } from '../src/signals/typing-words.js';

const agent = parseAgentPubKey(`${'b'.repeat(42)}A`);
/** Streams that wait for nobody. */
const UNPACED = {
  drained: () => Promise.resolve(),
  paid: () => Promise.resolve(),
  inTurn: (read: () => Promise<EventPage>) => read(),
};
const SIGNAL = { type: 'message', strategy: 'source-chain', message: 'any' };

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** An agent's changes, by number. */
class Changes {
  readonly all: AgentChange[] = [];
  reads = 0;
  private held: Promise<void> = Promise.resolve();

  add(): void {
    const number = BigInt(this.all.length + 1);
    this.all.push({
      number,
      cursor: String(number),
      view: { type: 'deleted', strategy: 'source-chain', id: `message ${number}` },
    });
  }

  /** @returns what lets reads answer that begin from now on */
  hold(): () => void {
    let release = (): void => undefined;
    this.held = new Promise((resolve) => (release = resolve));
    return release;
  }

  latest(): Promise<Cursor> {
    return Promise.resolve(String(this.all.length));
  }

  async after(_: unknown, cursor: Cursor | null, limit: number): Promise<AgentChangePage> {
    this.reads += 1;
    const from = Number(cursor);
    const changes = this.all.slice(from, from + limit);
    const isLast = this.all.length <= from + limit;
    await this.held;
    return { changes, next: String(from + changes.length), isLast };
  }
}

describe('the streams of an agent', () => {
  const signals = new InProcessSignals();
  const clock = new SystemClock(() => performance.now());
  const ending: AbortController[] = [];

  afterEach(() => {
    for (const end of ending.splice(0)) end.abort();
  });

  /** Streams that are open, and what each has heard since, its first heartbeat left out. */
  async function open(changes: Changes, streams: number, since = '0'): Promise<readonly MessageEvent[][]> {
    const events = new AgentEvents({ signals, clock }, changes);
    const heard = Array.from({ length: streams }, (): MessageEvent[] => []);
    for (const list of heard) {
      const end = new AbortController();
      ending.push(end);
      void listen(events, { list, since, end });
    }
    await until(() => (changes.reads > 0 ? Promise.resolve() : Promise.reject(new Error('not yet'))));
    return heard;
  }

  async function listen(
    events: AgentEvents,
    { list, since, end }: { list: MessageEvent[]; since: Cursor; end: AbortController },
  ): Promise<void> {
    const stream = { agent, since, ended: end.signal, ...UNPACED };
    for await (const event of events.of(stream)) if (event.type !== 'heartbeat') list.push(event);
  }

  const idsHeard = (heard: readonly MessageEvent[][]): unknown =>
    heard.map((list) => list.map(({ id }) => id));

  it('are read for once, and get the same events', async () => {
    const changes = new Changes();
    const heard = await open(changes, 8);
    const before = changes.reads;

    changes.add();
    signals.emit(agent, SIGNAL);

    await until(() =>
      Promise.resolve().then(() => {
        expect(idsHeard(heard)).toEqual(Array(8).fill(['1']));
      }),
    );
    expect(changes.reads - before).toBe(1);
    expect(new Set(heard.map(([event]) => event)).size).toBe(1);
  });

  it('first get what they missed, in order, however much it is', async () => {
    const changes = new Changes();
    for (let n = 0; n < 50; n += 1) changes.add();

    const heard = await open(changes, 1, '7');

    const missed = Array.from({ length: 43 }, (_, n) => String(n + 8));
    await until(() =>
      Promise.resolve().then(() => {
        expect(idsHeard(heard)).toEqual([missed]);
      }),
    );
  });

  it('miss nothing that happens while they read', async () => {
    const changes = new Changes();
    const release = changes.hold();
    const heard = await open(changes, 2);

    changes.add();
    signals.emit(agent, SIGNAL);
    release();

    await until(() =>
      Promise.resolve().then(() => {
        expect(idsHeard(heard)).toEqual([['1'], ['1']]);
      }),
    );
  });

  it('tell who is typing, at the place where they are, and read nothing for it', async () => {
    const changes = new Changes();
    changes.add();
    const heard = await open(changes, 2, '1');
    const before = changes.reads;

    signals.emit(typingTopic(agent), { strategy: 'source-chain', from: 'a peer', isTyping: 'true' });

    const data = { strategy: 'source-chain', from: 'a peer', typing: true, seconds: 6 };
    await until(() =>
      Promise.resolve().then(() => {
        expect(heard).toEqual(Array(2).fill([{ id: '1', type: 'typing', data: JSON.stringify(data) }]));
      }),
    );
    expect(changes.reads).toBe(before);
  });

  it('are read for no more while their client takes nothing', async () => {
    const changes = new Changes();
    let take = (): void => undefined;
    const taken = new Promise<void>((resolve) => (take = resolve));
    const end = new AbortController();
    ending.push(end);
    const events = new AgentEvents({ signals, clock }, changes);
    const heard: unknown[] = [];
    changes.add();
    const listening = (async () => {
      for await (const { id, type } of events.of({
        agent,
        since: '0',
        ended: end.signal,
        ...UNPACED,
        drained: () => taken,
      }))
        if (type !== 'heartbeat') heard.push(id);
    })();
    await until(() =>
      Promise.resolve().then(() => {
        expect(heard).toEqual(['1']);
      }),
    );

    for (let n = 0; n < 5; n += 1) {
      changes.add();
      signals.emit(agent, SIGNAL);
      await setImmediate();
    }
    expect(heard).toEqual(['1']);

    take();
    await until(() =>
      Promise.resolve().then(() => {
        expect(heard).toEqual(['1', '2', '3', '4', '5', '6']);
      }),
    );
    end.abort();
    await listening;
  });

  it('keep nothing of the rounds in which nothing happened', async () => {
    const changes = new Changes();
    const end = new AbortController();
    ending.push(end);
    const hasty = { now: () => clock.now(), sleep: () => Promise.resolve(), coarseNow: () => clock.now() };
    const events = new AgentEvents({ signals, clock: hasty }, changes);
    const heard = events.of({ agent, since: '0', ended: end.signal, ...UNPACED });
    const rounds = async (count: number): Promise<number> => {
      for (let n = 0; n < count; n += 1)
        expect((await heard.next()).value).toMatchObject({ type: 'heartbeat' });
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const before = await rounds(2000);

    const after = await rounds(20_000);

    await heard.return(undefined);
    // A promise that is waited for in each round keeps some 300 bytes of it.
    expect(after - before).toBeLessThan(2_000_000);
  });

  it('are read for no more once they are closed', async () => {
    const changes = new Changes();
    await open(changes, 2);
    for (const end of ending.splice(0)) end.abort();
    const before = changes.reads;
    await setImmediate();

    signals.emit(agent, SIGNAL);
    await setImmediate();

    expect(changes.reads).toBe(before);
  });
});

describe('the words that wait for a stream', () => {
  const [A_SECOND, type] = [1_000_000, { strategy: 'pairwise-dht', isTyping: 'true' }] as const;

  function wordsAt(time: { now: number }): {
    readonly words: TypingWords;
    readonly signals: InProcessSignals;
  } {
    const signals = new InProcessSignals();
    const clock = { now: () => parseTimestamp(time.now) };
    return { signals, words: new TypingWords({ signals, clock }, agent) };
  }

  it('are the last of each peer, and of 32 peers', async () => {
    const { words, signals } = wordsAt({ now: A_SECOND });
    for (let n = 0; n < 40; n += 1) signals.emit(typingTopic(agent), { ...type, from: `peer ${n}` });
    signals.emit(typingTopic(agent), { ...type, from: 'peer 3', isTyping: 'false' });
    await setImmediate();

    const taken = words.take();

    expect(taken).toHaveLength(32);
    expect(taken.filter(({ typing }) => !typing).map(({ from }) => from)).toEqual(['peer 3']);
    expect(words.take()).toEqual([]);
  });

  it('are told to nobody once they are as old as they are shown', async () => {
    const time = { now: A_SECOND };
    const { words, signals } = wordsAt(time);
    signals.emit(typingTopic(agent), { ...type, from: 'a peer' });
    await words.next();

    time.now += 6 * A_SECOND;

    expect(words.take()).toEqual([]);
  });

  it('come no more when the stream is closed, and malformed ones never', async () => {
    const { words, signals } = wordsAt({ now: A_SECOND });
    signals.emit(typingTopic(agent), { strategy: 'nowhere', from: 'a peer', isTyping: 'true' });
    words.close();
    signals.emit(typingTopic(agent), { ...type, from: 'a peer' });
    await setImmediate();

    expect(words.take()).toEqual([]);
  });
});
