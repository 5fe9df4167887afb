import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '@musubi/observers';
import {
  GENERATORS,
  UsageError,
  WORKLOAD_NAMES,
  fileSendsOf,
  formatTrace,
  parseTrace,
  sendsOf,
  withoutFiles,
} from '../src/index.js';

const SIZE = { agents: 12, messages: 60 };
const MORE_THAN_TEXTS = ['offline-receiver', 'history-paging', 'files'] as const;
const TEXTS_ONLY = WORKLOAD_NAMES.filter((name) => !MORE_THAN_TEXTS.some((other) => other === name));

describe.each(WORKLOAD_NAMES)('the workload %s', (name) => {
  const make = (seed: number): ReturnType<(typeof GENERATORS)[typeof name]> =>
    GENERATORS[name](SIZE, new SeededRandom(seed));

  it('is the same for the same seed', () => {
    expect(make(7)).toEqual(make(7));
  });

  it('has so many messages, in order of time, between agents that there are', () => {
    const workload = make(1);
    const sends = sendsOf(workload);

    expect(sends).toHaveLength(SIZE.messages);
    expect(sends.map(({ at }) => at)).toEqual(sends.map(({ at }) => at).toSorted((a, b) => a - b));
    for (const { from, to } of sends) {
      expect(from).not.toBe(to);
      expect(Math.min(from, to)).toBeGreaterThanOrEqual(0);
      expect(Math.max(from, to)).toBeLessThan(workload.agents);
    }
  });
});

it('history-paging reads whenever there are ten times as many messages, and in the end', () => {
  const { events } = GENERATORS['history-paging']({ agents: 2, messages: 240 }, new SeededRandom(1));

  const kinds = events.map(({ kind }) => kind);
  const after = [...kinds.keys()].filter((place) => kinds[place] === 'read-pages');
  expect(after).toEqual([10, 101, 242]);
});

describe('the workload files', () => {
  const size = { agents: 24, messages: 2000 };
  const workload = GENERATORS.files(size, new SeededRandom(1));
  const sent = fileSendsOf(workload);

  it('has files in one message of five, of every kind and of sizes within its bounds', () => {
    expect(sent.length / size.messages).toBeCloseTo(0.2, 1);
    for (const [kind, share] of [
      ['photo', 0.5],
      ['voice-note', 0.35],
      ['document', 0.15],
    ] as const)
      expect(sent.filter(({ file }) => file.kind === kind).length / sent.length).toBeCloseTo(share, 1);
    for (const { file } of sent) {
      expect(file.bytes).toBeGreaterThanOrEqual(10_000);
      expect(file.bytes).toBeLessThanOrEqual(2_000_000);
    }
  });

  it('passes some on that somebody was sent before', () => {
    const passedOn = sent.filter(({ file, from }, place) =>
      sent.slice(0, place).some((before) => before.to === from && before.file === file),
    );
    expect(passedOn.length).toBeGreaterThan(0);
    expect(passedOn.length / sent.length).toBeLessThan(0.15);
  });

  it('is the messages of small-world, and those alone without its files', () => {
    expect(withoutFiles(workload).events).toEqual(
      GENERATORS['small-world'](size, new SeededRandom(1)).events,
    );
  });
});

describe('a workload in which everybody writes to everybody', () => {
  it.each([
    ['pair', SIZE],
    ['hot-receiver', { agents: 2, messages: 3 }],
  ] as const)('has an agent besides, so that a pair can be mistaken: %s', (name, size) => {
    const { agents, events } = GENERATORS[name](size, new SeededRandom(1));

    expect([agents, events.length]).toEqual([3, size.messages]);
  });
});

describe('a trace', () => {
  it.each(TEXTS_ONLY)(
    'that a workload was written to is read as the same messages, to the millisecond: %s',
    (name) => {
      const workload = GENERATORS[name](SIZE, new SeededRandom(3));
      const [first] = sendsOf(workload);
      const read = sendsOf(parseTrace(formatTrace(workload)));

      expect(read.map(({ at }) => at)).toEqual(
        sendsOf(workload).map(
          ({ at }) => 1000 * (Math.floor(at / 1000) - Math.floor((first?.at ?? 0) / 1000)),
        ),
      );
      expect(new Set(read.map(({ from, to }) => `${from} ${to}`)).size).toBe(
        new Set(sendsOf(workload).map(({ from, to }) => `${from} ${to}`)).size,
      );
    },
  );

  it.each(MORE_THAN_TEXTS)('is not written of more than texts: %s', (name) => {
    const workload = GENERATORS[name](SIZE, new SeededRandom(3));

    expect(() => formatTrace(workload)).toThrow(UsageError);
  });

  it.each(['from,to,at\nann,bob,100\nbob,ann,160\n', 'ann,bob,100\r\n\r\nbob,ann,160'])(
    'is read with and without a header: %j',
    (text) => {
      expect(sendsOf(parseTrace(text, 2))).toEqual([
        { kind: 'send', from: 0, to: 1, at: 0 },
        { kind: 'send', from: 1, to: 0, at: 30_000_000 },
      ]);
    },
  );

  it('takes ISO times', () => {
    const workload = parseTrace('a,b,2026-01-01T00:00:00Z\na,b,2026-01-01T00:00:01Z');

    expect(sendsOf(workload).map(({ at }) => at)).toEqual([0, 1_000_000]);
  });

  it.each([
    ['a,b,1\na,b\n', 'Line 2'],
    ['a,b,soon', 'Line 1'],
    ['a,b,1\n\na,a,2', 'Line 3'],
    ['a,b,1,2', 'Line 1'],
    ['from,to,at\n', 'no message'],
  ])('names the line that is wrong: %j', (text, told) => {
    const parse = (): unknown => parseTrace(text);

    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(told);
  });
});
