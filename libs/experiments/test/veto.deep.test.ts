import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RemoteCallUnknownError } from '@musubi/messaging';
import { untilEqual } from '../../../test/support/until.js';
import { type Correspondents, openCorrespondents } from './support/correspondents.js';

const BRINGS = 'source-chain/receive_message';

let both: Correspondents;
beforeEach(async () => {
  both = await openCorrespondents({ protocol: 'veto' });
});
afterEach(() => both.close());

describe('the veto protocol', () => {
  it('leaves a phantom where the reply is lost; the same message again makes it whole', async () => {
    const { strategy, alice, bob, network, statusOf } = both;
    const draft = both.draft(alice, bob);
    network.set([{ fault: { kind: 'reply-lost' }, fn: BRINGS, times: 1 }]);

    await expect(strategy.save(draft)).rejects.toThrow(RemoteCallUnknownError);
    const between = [await statusOf(alice, draft), await statusOf(bob, draft)];
    await strategy.save(draft);

    expect(between).toEqual(['nothing', 'delivered']);
    expect([await statusOf(alice, draft), await statusOf(bob, draft)]).toEqual(['delivered', 'delivered']);
  });

  it('doubles it where the caller writes the message anew, as a user does', async () => {
    const { strategy, alice, bob, network } = both;
    network.set([{ fault: { kind: 'reply-lost' }, fn: BRINGS, times: 1 }]);
    await strategy.save(both.draft(alice, bob)).catch(() => undefined);

    await strategy.save(both.draft(alice, bob));

    const latest = { anchor: { at: 'latest' }, limit: 10 } as const;
    const [sent, received] = [
      await strategy.messages.list(alice, latest),
      await strategy.messages.list(bob, latest),
    ];
    expect([sent.items.length, received.items.length]).toEqual([1, 2]);
  });

  it('holds the sender’s chain while the call takes its time', async () => {
    const { strategy, alice, bob, network, context } = both;
    network.set([{ fault: { kind: 'delay', ms: 60_000 }, fn: BRINGS, times: 1 }]);
    const slow = strategy.save(both.draft(alice, bob));
    slow.catch(() => undefined);
    const isHeld = async (): Promise<boolean> => {
      const rows = await context.db.query<unknown[]>(
        `select 1 from chain_head where author = decode(translate($1, '-_', '+/') || '=', 'base64')
         for update skip locked`,
        [alice],
      );
      return rows.length === 0;
    };

    await untilEqual(true, isHeld);

    expect(await isHeld()).toBe(true);
  });

  it('stands still until the time-out where two agents write to each other at once', async () => {
    const mutual = await openCorrespondents({ protocol: 'veto' }, 300);
    const { strategy, alice, bob, network, draft } = mutual;
    // Each is in the middle of its own transaction when its call arrives at the other.
    network.set([{ fault: { kind: 'delay', ms: 2000 }, fn: BRINGS }]);

    const acts = await Promise.allSettled([
      strategy.save(draft(alice, bob)),
      strategy.save(draft(bob, alice)),
    ]);
    await mutual.close();

    const unknown = acts.filter(
      (act) => act.status === 'rejected' && act.reason instanceof RemoteCallUnknownError,
    );
    expect(unknown.length).toBeGreaterThan(0);
  });
});
