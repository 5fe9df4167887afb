import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ProblemError } from '@musubi/client';
import { OwnTyping, PeersTyping } from '../src/typing.js';

const BOB = { agent: 'bob', placement: 'pairwise-dht' } as const;
const PROBLEM = { title: 'no', status: 422, detail: 'No.', retryable: false } as const;

describe('typing a line', () => {
  let told: string[];
  let now: number;
  let typing: OwnTyping;

  beforeEach(() => {
    [told, now] = [[], 0];
    const tellTyping = (placement: string, word: { to: string; typing?: boolean }): Promise<void> => {
      told.push(`${placement} ${word.to} ${String(word.typing)}`);
      const problem = { ...PROBLEM, type: 'urn:musubi:problem:typing-not-carried' } as const;
      return placement === 'global-dht' ? Promise.reject(new ProblemError(problem)) : Promise.resolve();
    };
    typing = new OwnTyping({ tellTyping }, () => now);
  });

  it('is told at once, every three seconds, and when the line is empty again', () => {
    for (const line of ['h', 'he', 'hel']) typing.typed(line, BOB);
    expect(told).toEqual(['pairwise-dht bob true']);
    now += 3000;
    typing.typed('hell', BOB);
    typing.typed('', BOB);

    expect(told.slice(1)).toEqual(['pairwise-dht bob true', 'pairwise-dht bob false']);
  });

  it('is not told of commands, to nobody, after sending, or where it is off', () => {
    typing.typed('/who', BOB);
    typing.typed('hello', undefined);
    expect(told).toEqual([]);
    typing.typed('hello', BOB);
    typing.sent();
    typing.typed('', BOB);
    expect(told).toEqual(['pairwise-dht bob true']);
    typing.isOn = false;
    typing.typed('more', BOB);

    expect(told).toHaveLength(1);
  });

  it('is told to each peer, and only once where it is not carried', async () => {
    typing.typed('a', BOB);
    typing.typed('ab', { ...BOB, agent: 'carol' });
    typing.typed('abc', { ...BOB, placement: 'global-dht' });
    await Promise.resolve();
    await Promise.resolve();
    now += 3000;
    typing.typed('abcd', { ...BOB, placement: 'global-dht' });

    expect(told).toEqual(['pairwise-dht bob true', 'pairwise-dht carol true', 'global-dht bob true']);
  });
});

describe('peers who type', () => {
  it('are shown until they stop or say it no more', () => {
    jest.useFakeTimers();
    const shown: (readonly string[])[] = [];
    const peers = new PeersTyping((agents) => shown.push(agents));
    const word = { typing: true, seconds: 6 };

    peers.hear({ from: 'bob', ...word });
    peers.hear({ from: 'carol', ...word });
    jest.advanceTimersByTime(5000);
    peers.hear({ from: 'bob', ...word });
    jest.advanceTimersByTime(2000);
    peers.hear({ from: 'bob', typing: false, seconds: 6 });
    peers.stopped('bob');
    jest.useRealTimers();

    expect(shown).toEqual([['bob'], ['bob', 'carol'], ['bob'], []]);
  });
});
