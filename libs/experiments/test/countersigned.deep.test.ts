import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeCanonical } from '@musubi/crypto';
import { ChainLockedError, RemoteCallRefusedError } from '@musubi/messaging';
import { type RemoteCallOutcome } from '@musubi/network';
import { encodeMessageId, messageIdOf } from '@musubi/receipts';
import { type Correspondents, openCorrespondents } from './support/correspondents.js';
import { promiseLeftOpen, sessionsOf } from './support/open-promise.js';

const PREPARE = 'source-chain/countersign_prepare';
const COMMIT = 'source-chain/countersign_commit';
const ABORT = 'source-chain/countersign_abort';
const OUTCOME = 'source-chain/countersign_outcome';
const PASSPHRASE = 'correct horse battery staple';
/** Longer than any test: it ends when the clock is put forward. */
const SESSION_MS = 600_000;

let aheadMs: number;
beforeEach(() => {
  aheadMs = 0;
});

const opened: Correspondents[] = [];
afterEach(async () => {
  for (const both of opened.splice(0)) await both.close();
});

async function open(): Promise<Correspondents> {
  const variation = { protocol: 'countersigned', sessionMs: SESSION_MS } as const;
  const both = await openCorrespondents(variation, undefined, () => aheadMs);
  opened.push(both);
  return both;
}

/** No session of before is open any more. */
function endSessions(): void {
  aheadMs += SESSION_MS;
}

function decodeReply(outcome: RemoteCallOutcome): unknown {
  return outcome.kind === 'ok' ? decodeCanonical(outcome.reply) : outcome;
}

describe('the countersigned protocol', () => {
  it('commits on both chains, and leaves no session behind', async () => {
    const both = await open();
    const { strategy, alice, bob, draft, statusOf } = both;
    const message = draft(alice, bob);

    await strategy.save(message);
    await strategy.save(message);

    expect([await statusOf(alice, message), await statusOf(bob, message)]).toEqual([
      'delivered',
      'delivered',
    ]);
    expect(await sessionsOf(both)).toBe(0);
  });

  it('keeps everybody else from both chains while a session is open', async () => {
    const both = await open();
    const { strategy, alice, bob } = both;
    await promiseLeftOpen(both);

    await expect(strategy.save(both.draft(alice, alice))).rejects.toThrow(ChainLockedError);
    await expect(strategy.save(both.draft(bob, bob))).rejects.toThrow(ChainLockedError);
    await expect(strategy.save(both.draft(bob, alice))).rejects.toThrow(ChainLockedError);
  });

  it('refuses a second session on the recipient’s chain, and leaves the author’s unlocked', async () => {
    const both = await open();
    const { strategy, context, bob } = both;
    await promiseLeftOpen(both);
    const { agent: carol } = await context.keyring.create(PASSPHRASE);
    await strategy.join(carol);
    const draft = both.draft(carol, bob);

    const refused = await strategy.save(draft).catch((error: unknown) => error);

    expect(refused).toBeInstanceOf(RemoteCallRefusedError);
    expect(refused).toMatchObject({ reason: 'chain-locked', retryable: true });
    await expect(strategy.save(both.draft(carol, carol))).resolves.toMatchObject({ status: 'saved' });
  });

  it('locks no chain for longer than the session, even if a peer asks for more', async () => {
    const both = await open();
    const { strategy, context, alice, bob } = both;
    await promiseLeftOpen(both);

    endSessions();

    for (const agent of [alice, bob])
      expect(await strategy.save(both.draft(agent, agent))).toMatchObject({ status: 'saved' });
    expect(context.keyring.isOnline(bob)).toBe(true);
  });

  it('forgets on both sides what its author did not commit, once the session has ended', async () => {
    const both = await open();
    const draft = await promiseLeftOpen(both);

    endSessions();
    await both.strategy.activate(both.bob);

    expect(await sessionsOf(both)).toBe(0);
    expect([await both.statusOf(both.alice, draft), await both.statusOf(both.bob, draft)]).toEqual([
      'nothing',
      'nothing',
    ]);
  });

  it('delivers by the recipient’s asking what the author committed and could not tell', async () => {
    const both = await open();
    const { strategy, alice, bob, network, statusOf, context } = both;
    const draft = both.draft(alice, bob);
    network.set([{ fault: { kind: 'not-sent' }, fn: COMMIT }]);
    await strategy.save(draft);
    const between = [await statusOf(alice, draft), await statusOf(bob, draft)];
    context.keyring.lock(bob);
    await context.keyring.unlock(bob, PASSPHRASE);

    endSessions();
    await strategy.activate(bob);
    const asked = await statusOf(bob, draft);
    network.set([]);
    const receipt = await strategy.send({ holder: alice, message: messageIdOf(draft) });
    await strategy.confirm(alice, receipt ?? (await strategy.save(draft)));

    expect([between, asked]).toEqual([['saved', 'nothing'], 'delivered']);
    expect(await statusOf(alice, draft)).toBe('delivered');
  });

  it('stays in doubt while the author cannot be asked, and neither commits nor forgets', async () => {
    const both = await open();
    const { strategy, alice, bob, network, statusOf } = both;
    const draft = both.draft(alice, bob);
    network.set([
      { fault: { kind: 'not-sent' }, fn: COMMIT },
      { fault: { kind: 'not-sent' }, fn: OUTCOME },
    ]);
    await strategy.save(draft);
    endSessions();
    await strategy.activate(bob);

    expect([await statusOf(bob, draft), await sessionsOf(both)]).toEqual(['nothing', 1]);
  });

  it('tells a stranger nothing, and lets it end nothing', async () => {
    const both = await open();
    const { context, alice, bob } = both;
    const { agent: carol } = await context.keyring.create(PASSPHRASE);
    const draft = await promiseLeftOpen(both);
    const payload = encodeMessageId(messageIdOf(draft));

    const heard = await context.calls.call({ from: carol, to: alice, fn: OUTCOME, payload });
    const ended = await context.calls.call({ from: carol, to: bob, fn: ABORT, payload });
    const kept = await context.calls.call({ from: carol, to: bob, fn: COMMIT, payload });

    expect([decodeReply(heard), ended.kind, kept.kind]).toEqual(['aborted', 'refused', 'refused']);
    expect([await sessionsOf(both), await both.statusOf(bob, draft)]).toEqual([2, 'nothing']);
  });

  it('declares that saves at once do not all land: the others are told that the chain is locked', async () => {
    const both = await open();
    const { strategy, alice, bob, draft } = both;
    await promiseLeftOpen(both);

    const saves = await Promise.allSettled(Array.from({ length: 4 }, () => strategy.save(draft(alice, bob))));

    expect(strategy.guarantees).toMatchObject({ concurrentReceive: false, concurrentSave: false });
    for (const save of saves) expect(save).toMatchObject({ reason: expect.any(ChainLockedError) as unknown });
  });

  it('signs and locks nothing for an author that may not write', async () => {
    const both = await open();
    const { strategy, context, network, alice, bob } = both;
    await context.writers.block(bob, alice);
    // Bob would learn of the abort, and forget.
    network.set([{ fault: { kind: 'not-sent' }, fn: ABORT }]);

    const refused = await strategy.save(both.draft(alice, bob)).catch((error: unknown) => error);

    expect(refused).toMatchObject({ reason: 'recipient-refuses' });
    expect(await sessionsOf(both)).toBe(0);
  });

  it('refuses an invitation that is none', async () => {
    const { context, alice, bob } = await open();

    const outcome = await context.calls.call({
      from: alice,
      to: bob,
      fn: PREPARE,
      payload: new Uint8Array(3),
    });

    expect(outcome).toEqual({ kind: 'refused', code: 'invalid-message', retryable: false });
  });
});
