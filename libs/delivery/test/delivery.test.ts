import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AgentOfflineError, type AgentPubKey, type MessageId, STRATEGY_NAMES } from '@musubi/messaging';
import { DeliveryNode } from '@musubi/testing';
import { type Wait } from '../src/index.js';
import { untilEqual } from '../../../test/support/until.js';

/** Longer than any test waits: the agent that is asked never answers. */
const SILENCE_MS = 86_400_000;

const patiently: Wait = (promise) => promise;
const briefly: Wait = () => Promise.resolve(undefined);

let node: DeliveryNode;
let alice: AgentPubKey;
let bob: AgentPubKey;

beforeEach(async () => {
  node = await DeliveryNode.open();
  alice = await node.newAgent();
  bob = await node.newAgent();
});

afterEach(() => node.close());

describe.each(STRATEGY_NAMES)('sending a message on %s', (name) => {
  it("returns the recipient's receipt to a caller that waits", async () => {
    const draft = node.draft(alice, bob);
    const { saved, receipt } = await node.delivery.sendMessage(node.strategies[name], draft, {
      wait: patiently,
    });

    expect(saved).toMatchObject({ status: 'saved', by: alice });
    expect(receipt).toMatchObject({ message: saved.message, status: 'delivered', by: bob });
  });

  it('delivers although the caller does not wait', async () => {
    const { saved, receipt } = await node.delivery.sendMessage(node.strategies[name], node.draft(alice, bob));

    expect(receipt).toBeNull();
    await untilEqual('delivered', () => statusOf(name, alice, saved.message));
  });

  it('delivers although the caller gives up waiting', async () => {
    const draft = node.draft(alice, bob);
    const { saved, receipt } = await node.delivery.sendMessage(node.strategies[name], draft, {
      wait: briefly,
    });

    expect(receipt).toBeNull();
    await untilEqual('delivered', () => statusOf(name, alice, saved.message));
  });

  it('attempts nothing for a message to oneself', async () => {
    const draft = node.draft(alice, alice);
    const { saved, receipt } = await node.delivery.sendMessage(node.strategies[name], draft, {
      wait: patiently,
    });

    expect(receipt).toBeNull();
    expect(await statusOf(name, alice, saved.message)).toBe('read');
  });

  it('saves nothing for an author who is offline', async () => {
    const draft = node.draft(alice, bob);
    await node.goOffline(alice);

    await expect(node.delivery.sendMessage(node.strategies[name], draft)).rejects.toThrow(AgentOfflineError);
    expect(await node.owedCount()).toBe(0);
  });

  it('returns the receipt of a retry to a caller that waits', async () => {
    await node.goOffline(bob);
    const { saved } = await node.delivery.sendMessage(node.strategies[name], node.draft(alice, bob));
    await node.attempts.whenIdle();
    await node.goOnline(bob);

    const ref = { holder: alice, message: saved.message };
    const receipt = await node.delivery.retryMessage(node.strategies[name], ref, patiently);

    expect(receipt).toMatchObject({ message: saved.message, status: 'delivered', by: bob });
  });
});

describe('bringing read receipts', () => {
  it('waits for no author who does not answer', async () => {
    const carol = await node.newAgent();
    const strategy = node.strategies['source-chain'];
    const read = [];
    for (const author of [bob, carol]) {
      const draft = node.draft(author, alice);
      const { saved } = await node.delivery.sendMessage(strategy, draft, { wait: patiently });
      await strategy.read({ holder: alice, message: saved.message });
      read.push({ message: saved.message, peer: author });
    }
    node.faults.set([{ to: bob, fault: { kind: 'delay', ms: SILENCE_MS } }]);

    const [, fromCarol] = read;
    if (fromCarol === undefined) throw new Error('two messages were read');
    const brought = node.delivery.sendReceipts(strategy, { holder: alice, read }, patiently);
    await untilEqual('read', () => statusOf('source-chain', carol, fromCarol.message));

    // A call that is silent by now ends, and none that comes later is.
    node.faults.set([]);
    node.clock.advance(SILENCE_MS / 1000);
    await brought;
  });

  it('brings several to one author in their order', async () => {
    const strategy = node.strategies['source-chain'];
    const read = [];
    for (let count = 0; count < 3; count += 1) {
      const draft = node.draft(bob, alice);
      const { saved } = await node.delivery.sendMessage(strategy, draft, { wait: patiently });
      await strategy.read({ holder: alice, message: saved.message });
      read.push({ message: saved.message, peer: bob });
    }
    const arrived: (string | undefined)[] = [];
    node.signals.subscribe(bob, ({ type, message }) => {
      if (type === 'receipt') arrived.push(message);
    });

    await node.delivery.sendReceipts(strategy, { holder: alice, read }, patiently);

    expect(arrived).toEqual(read.map(({ message }) => message));
    expect(await node.owedCount()).toBe(0);
  });
});

async function statusOf(
  name: (typeof STRATEGY_NAMES)[number],
  holder: AgentPubKey,
  message: MessageId,
): Promise<string> {
  return (await node.strategies[name].messages.find({ holder, message })).status;
}
