import { beforeEach, describe, expect, it } from '@jest/globals';
import { InProcessSignals, type Signal } from '@musubi/network';
import { HeldPushes } from '../../src/simulation/held-pushes.js';

const BASE = 'base';
const link = (author: string, seq: number): Signal => ({ type: 'link', author, seq: String(seq) });
const message: Signal = { type: 'message' };

let held: Map<string, () => void>;
let signals: HeldPushes;
let heard: Signal[];

beforeEach(() => {
  held = new Map();
  heard = [];
  // As the agenda does: what waits already is not put off again.
  signals = new HeldPushes(new InProcessSignals(), (base, push) => {
    if (!held.has(base)) held.set(base, push);
  });
  signals.subscribe(BASE, (signal) => heard.push(signal));
});

/** Lets through what is held, and lets it be heard. */
async function release(): Promise<void> {
  const pushes = [...held.values()];
  held.clear();
  for (const push of pushes) push();
  await Promise.resolve();
}

describe('pushes that are held', () => {
  it('wait, and go together when one of them is let through, each author’s in its order', async () => {
    const pushes = [link('b', 11), link('a', 9), link('b', 2), link('a', 10)];
    for (const push of pushes) signals.emit(BASE, push);
    await Promise.resolve();
    expect(heard).toEqual([]);

    await release();
    expect(heard).toEqual([link('a', 9), link('a', 10), link('b', 2), link('b', 11)]);
  });

  it('go once', async () => {
    signals.emit(BASE, link('a', 1));
    await release();
    signals.emit(BASE, link('a', 2));
    await release();
    expect(heard).toEqual([link('a', 1), link('a', 2)]);
  });

  it('hold up nothing else', async () => {
    signals.emit(BASE, link('a', 1));
    signals.emit(BASE, message);
    await Promise.resolve();
    expect(heard).toEqual([message]);
  });
});
