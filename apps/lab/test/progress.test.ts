import { describe, expect, it } from '@jest/globals';
import { Progress } from '../src/cli/progress.js';

/** What is written, and a clock that is put forward. */
function shownOn(isTTY: boolean): {
  readonly progress: Progress;
  readonly written: string[];
  readonly pass: (ms: number) => void;
} {
  const written: string[] = [];
  let now = 0;
  const write = (text: string): boolean => written.push(text) > 0;
  const pass = (ms: number): void => {
    now += ms;
  };
  return { progress: new Progress({ isTTY, write }, () => now), written, pass };
}

describe('progress', () => {
  it('is a bar with rate and time left, on a terminal', () => {
    const { progress, written, pass } = shownOn(true);

    progress.show('global-dht: messages', 0, 240);
    pass(2000);
    progress.show('global-dht: messages', 60, 240);

    expect(written).toEqual([
      `\r\u001b[K${'░'.repeat(24)} global-dht: messages 0/240`,
      `\r\u001b[K${'█'.repeat(6)}${'░'.repeat(18)} global-dht: messages 60/240  30/s, 6 s left`,
    ]);
  });

  it('is drawn ten times a second at most, and is gone in the end', () => {
    const { progress, written, pass } = shownOn(true);

    for (let done = 0; done < 100; done += 1) {
      progress.show('load', done, 100);
      pass(10);
    }
    progress.end();

    expect(written).toHaveLength(11);
    expect(written.at(-1)).toBe('\r\u001b[K');
  });

  it('is a plain line for each part, where there is no terminal', () => {
    const { progress, written, pass } = shownOn(false);

    for (const part of ['messages', 'messages', 'cost']) {
      progress.show(part, 1, 2);
      pass(1000);
    }
    progress.end();

    expect(written).toEqual(['messages\n', 'cost\n']);
  });

  it('says nothing untrue of a part without steps', () => {
    const { progress, written } = shownOn(true);

    progress.show('messages', 0, 0);

    expect(written.join('')).not.toMatch(/NaN|Infinity/);
  });
});
