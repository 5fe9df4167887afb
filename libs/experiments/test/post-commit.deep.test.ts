import { afterEach, describe, expect, it } from '@jest/globals';
import { type Log } from '@musubi/messaging';
import { PostCommitHooks } from '../src/post-commit-hooks.js';
import { type Correspondents, openCorrespondents } from './support/correspondents.js';

const opened: Correspondents[] = [];
afterEach(async () => {
  for (const both of opened.splice(0)) await both.close();
});

async function open(): Promise<Correspondents> {
  const both = await openCorrespondents({ protocol: 'post-commit' });
  opened.push(both);
  return both;
}

describe('the post-commit protocol', () => {
  it('answers before anything was sent, and delivers all the same', async () => {
    const { strategy, whenIdle, alice, bob, draft, statusOf } = await open();
    const message = draft(alice, bob);

    const saved = await strategy.save(message);
    await whenIdle();

    expect(saved.status).toBe('saved');
    expect([await statusOf(alice, message), await statusOf(bob, message)]).toEqual([
      'delivered',
      'delivered',
    ]);
  });

  it('never repeats what a hook failed at, until somebody sends again', async () => {
    const { strategy, whenIdle, alice, bob, draft, statusOf, network } = await open();
    const message = draft(alice, bob);
    network.set([{ fault: { kind: 'not-sent' }, times: 1 }]);
    const saved = await strategy.save(message);
    await whenIdle();
    const between = await statusOf(alice, message);

    const sent = await strategy.send({ holder: alice, message: saved.message });
    await whenIdle();

    expect([between, sent, await statusOf(alice, message)]).toEqual(['saved', null, 'delivered']);
  });

  it('repairs a lost receipt when somebody sends again, without a second message', async () => {
    const { strategy, whenIdle, alice, bob, draft, statusOf, network } = await open();
    const message = draft(alice, bob);
    network.set([{ fault: { kind: 'not-sent' }, fn: 'source-chain/receive_receipt', times: 1 }]);
    const saved = await strategy.save(message);
    await whenIdle();
    const between = [await statusOf(alice, message), await statusOf(bob, message)];

    await strategy.send({ holder: alice, message: saved.message });
    await whenIdle();

    const { items } = await strategy.messages.list(bob, { anchor: { at: 'latest' }, limit: 10 });
    expect(between).toEqual(['saved', 'delivered']);
    expect([await statusOf(alice, message), items.length]).toEqual(['delivered', 1]);
  });
});

describe('post-commit hooks', () => {
  function heard(): { readonly log: Log; readonly events: string[] } {
    const events: string[] = [];
    return { events, log: { warn: (event) => void events.push(event) } };
  }

  it('run five at a time, and a hundred wait; what comes then is dropped, and logged', async () => {
    const { log, events } = heard();
    const hooks = new PostCommitHooks(log);
    let [running, most, ran] = [0, 0, 0];
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const hook = async (): Promise<void> => {
      running += 1;
      most = Math.max(most, running);
      await gate;
      running -= 1;
      ran += 1;
    };

    for (let count = 0; count < 110; count += 1) hooks.run(hook);
    open();
    await hooks.idle();

    expect([most, ran, events]).toEqual([5, 105, Array.from({ length: 5 }, () => 'post-commit-dropped')]);
  });

  it('fail without telling anybody but the log', async () => {
    const { log, events } = heard();
    const hooks = new PostCommitHooks(log);

    hooks.run(() => Promise.reject(new Error('no')));
    await hooks.idle();

    expect(events).toEqual(['post-commit-failed']);
  });
});
