import { beforeEach, describe, expect, it } from '@jest/globals';
import { InProcessSignals, type Signal } from '@musubi/network';

const SIGNAL: Signal = { type: 'test' };

/** Everything that was queued before has run. */
const pushesDelivered = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('signals in one process', () => {
  let signals: InProcessSignals;
  let heard: string[];
  const hear = (name: string) => (): void => {
    heard.push(name);
  };
  beforeEach(() => {
    signals = new InProcessSignals();
    heard = [];
  });

  it('reach every subscriber of the topic', async () => {
    signals.subscribe('a', hear('one'));
    signals.subscribe('a', hear('two'));
    signals.emit('a', SIGNAL);
    await pushesDelivered();
    expect(heard).toEqual(['one', 'two']);
  });

  it('carry what was emitted', async () => {
    const received: Signal[] = [];
    signals.subscribe('a', (signal) => received.push(signal));
    signals.emit('a', SIGNAL);
    await pushesDelivered();
    expect(received).toEqual([SIGNAL]);
  });

  it('reach nobody of another topic', async () => {
    signals.subscribe('b', hear('other'));
    signals.emit('a', SIGNAL);
    await pushesDelivered();
    expect(heard).toEqual([]);
  });

  it('are delivered after the turn of their emitter', async () => {
    signals.subscribe('a', hear('listener'));
    signals.emit('a', SIGNAL);
    hear('emitter')();
    await pushesDelivered();
    expect(heard).toEqual(['emitter', 'listener']);
  });

  it('do not reach a subscriber that left', async () => {
    signals.subscribe('a', hear('left'))();
    signals.emit('a', SIGNAL);
    await pushesDelivered();
    expect(heard).toEqual([]);
  });

  it('do not reach a subscriber that left between the emission and its delivery', async () => {
    const unsubscribe = signals.subscribe('a', hear('left'));
    signals.emit('a', SIGNAL);
    unsubscribe();
    await pushesDelivered();
    expect(heard).toEqual([]);
  });

  it('still reach the others when one leaves', async () => {
    const unsubscribe = signals.subscribe('a', hear('left'));
    signals.subscribe('a', hear('stayed'));
    unsubscribe();
    signals.emit('a', SIGNAL);
    await pushesDelivered();
    expect(heard).toEqual(['stayed']);
  });

  it('reach a newcomer after a topic was left by all and by one of them twice', async () => {
    const unsubscribe = signals.subscribe('a', hear('left'));
    unsubscribe();
    signals.subscribe('a', hear('new'));
    unsubscribe();
    signals.emit('a', SIGNAL);
    await pushesDelivered();
    expect(heard).toEqual(['new']);
  });

  it('harm neither the emitter nor the next listener when a listener throws', async () => {
    signals.subscribe('a', () => {
      throw new Error('a broken listener');
    });
    signals.subscribe('a', hear('next'));
    expect(() => {
      signals.emit('a', SIGNAL);
    }).not.toThrow();
    await pushesDelivered();
    expect(heard).toEqual(['next']);
  });

  it('may be emitted to a topic that nobody has', () => {
    expect(() => {
      signals.emit('nobody', SIGNAL);
    }).not.toThrow();
  });
});
