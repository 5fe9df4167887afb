import { describe, expect, it } from '@jest/globals';
import {
  InMemoryStrategy,
  type Case,
  atomicityCases,
  guaranteeCases,
  integrityCases,
  relaxedCases,
  stepCases,
} from '@musubi/conformance';
import {
  type AgentPubKey,
  type MessageDraft,
  type MessageRef,
  type SignedMessage,
  type SignedReceipt,
} from '@musubi/messaging';
import { type InMemoryClass, inMemorySubject } from './support/in-memory-harness.js';

/** Says yes to every receipt. */
class Credulous extends InMemoryStrategy {
  override confirm(author: AgentPubKey, receipt: SignedReceipt): Promise<SignedReceipt> {
    const holding = this.agentOf(author).holdings.get(receipt.message);
    holding?.receipts.set(receipt.status, receipt);
    return Promise.resolve(receipt);
  }
}

/** Believes what a caller says of itself. */
class Trusting extends InMemoryStrategy {
  override receive(_: AgentPubKey, callee: AgentPubKey, signed: SignedMessage): Promise<SignedReceipt> {
    return super.receive(signed.message.author, callee, signed);
  }
}

/** Makes a new message of every repeat. */
class Forgetful extends InMemoryStrategy {
  private times = 0;

  override save(draft: MessageDraft): Promise<SignedReceipt> {
    this.times += 1;
    const text = `${draft.payload.text} (${this.times})`;
    return super.save({ ...draft, payload: { type: 'text', text } });
  }
}

/** Shows a message as delivered before the recipient has it. */
class Hasty extends InMemoryStrategy {
  override send(ref: MessageRef): Promise<SignedReceipt> {
    const holding = this.agentOf(ref.holder).holdings.get(ref.message);
    const saved = holding?.receipts.get('saved');
    if (saved === undefined) throw new Error('nothing saved');
    holding?.receipts.set('delivered', { ...saved, status: 'delivered' });
    return Promise.resolve(saved);
  }
}

/** Writes behind whatever it finds, twice over when two write at once. */
class Forking extends InMemoryStrategy {
  override async save(draft: MessageDraft): Promise<SignedReceipt> {
    const { chain } = this.agentOf(draft.author);
    const copy = chain.actions.at(-1);
    const saved = await super.save(draft);
    if (copy !== undefined) chain.actions.push(copy);
    return saved;
  }
}

/** Keeps the message although the commit failed. */
class Leaky extends InMemoryStrategy {
  override async save(draft: MessageDraft): Promise<SignedReceipt> {
    try {
      return await super.save(draft);
    } catch (error) {
      await super.save(draft);
      throw error;
    }
  }
}

const mutants: readonly (readonly [string, InMemoryClass, Readonly<Record<string, Case>>, string])[] = [
  [
    'believes forged receipts',
    Credulous,
    integrityCases,
    'refuses a delivered receipt that the author forged',
  ],
  ['believes replayed receipts', Credulous, integrityCases, 'refuses a receipt of another message, replayed'],
  [
    'believes callers',
    Trusting,
    integrityCases,
    'does not keep a message that somebody else than its author hands in',
  ],
  ['saves twice', Forgetful, stepCases, 'gives the stored receipt when a save is repeated later'],
  ['shows what is not there', Hasty, stepCases, 'gives each side receipts that verify'],
  ['forks', Forking, relaxedCases, 'lands all of 32 saves that one author makes at once'],
  ['keeps half', Leaky, atomicityCases, 'keeps nothing of a save whose commit fails'],
];

async function run(Strategy: InMemoryClass, check: Case): Promise<void> {
  const harness = await inMemorySubject(Strategy).open({ ordering: 'relaxed', peerLimit: 1000 });
  await check(harness);
}

describe('the conformance suite', () => {
  it.each(mutants)('catches a strategy that %s', async (_, Strategy, cases, title) => {
    const check = cases[title];
    if (check === undefined) throw new Error(`there is no case called: ${title}`);

    await expect(run(InMemoryStrategy, check)).resolves.toBeUndefined();
    await expect(run(Strategy, check)).rejects.toThrow();
  });

  it.each(['concurrentReceive', 'concurrentSave', 'unboundedPeers'] as const)(
    'catches a strategy that denies the %s it has',
    async (name) => {
      await expect(run(InMemoryStrategy, guaranteeCases[name].broken)).rejects.toThrow();
    },
  );
});
