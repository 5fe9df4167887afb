import { InMemoryStrategy } from '@musubi/conformance';
import {
  type AgentPubKey,
  type MessageDraft,
  type MessageRef,
  type SignedMessage,
  type SignedReceipt,
} from '@musubi/messaging';

// Strategies that break one rule each. A case of the suite has to catch each of them.

/** Says yes to every receipt. */
export class Credulous extends InMemoryStrategy {
  override confirm(author: AgentPubKey, receipt: SignedReceipt): Promise<SignedReceipt> {
    const holding = this.agentOf(author).holdings.get(receipt.message);
    holding?.receipts.set(receipt.status, receipt);
    return Promise.resolve(receipt);
  }
}

/** Believes what a caller says of itself. */
export class Trusting extends InMemoryStrategy {
  override receive(_: AgentPubKey, callee: AgentPubKey, signed: SignedMessage): Promise<SignedReceipt> {
    return super.receive(signed.message.author, callee, signed);
  }
}

/** Makes a new message of every repeat. */
export class Forgetful extends InMemoryStrategy {
  private times = 0;

  override save(draft: MessageDraft): Promise<SignedReceipt> {
    this.times += 1;
    const text = `${draft.payload.text} (${this.times})`;
    return super.save({ ...draft, payload: { type: 'text', text } });
  }
}

/** Shows a message as delivered before the recipient has it. */
export class Hasty extends InMemoryStrategy {
  override send(ref: MessageRef): Promise<SignedReceipt> {
    const holding = this.agentOf(ref.holder).holdings.get(ref.message);
    const saved = holding?.receipts.get('saved');
    if (saved === undefined) throw new Error('nothing saved');
    holding?.receipts.set('delivered', { ...saved, status: 'delivered' });
    return Promise.resolve(saved);
  }
}

/** Writes behind whatever it finds, twice over when two write at once. */
export class Forking extends InMemoryStrategy {
  override async save(draft: MessageDraft): Promise<SignedReceipt> {
    const { chain } = this.agentOf(draft.author);
    const copy = chain.actions.at(-1);
    const saved = await super.save(draft);
    if (copy !== undefined) chain.actions.push(copy);
    return saved;
  }
}

/** Keeps the message although the commit failed. */
export class Leaky extends InMemoryStrategy {
  override async save(draft: MessageDraft): Promise<SignedReceipt> {
    try {
      return await super.save(draft);
    } catch (error) {
      await super.save(draft);
      throw error;
    }
  }
}

/** Delivers a message before its file. */
export class Impatient extends InMemoryStrategy {
  constructor(options: ConstructorParameters<typeof InMemoryStrategy>[0]) {
    super(options);
    this.files.require = () => undefined;
    this.files.bring = () => Promise.resolve();
  }
}

/** Begins a file anew each time. */
export class Wasteful extends InMemoryStrategy {
  override send(ref: MessageRef): Promise<SignedReceipt> {
    const { payload, recipient } = this.agentOf(ref.holder).holdings.get(ref.message)?.message ?? {};
    if (payload?.type === 'file' && recipient !== undefined)
      this.agentOf(recipient).files.delete(payload.file.id);
    return super.send(ref);
  }
}

/** Keeps files for ever. */
export class Hoarding extends InMemoryStrategy {
  constructor(options: ConstructorParameters<typeof InMemoryStrategy>[0]) {
    super(options);
    this.files.free = () => undefined;
  }
}

/** Tells nobody of a pin. */
export class Taciturn extends InMemoryStrategy {
  constructor(options: ConstructorParameters<typeof InMemoryStrategy>[0]) {
    super(options);
    this.pins.sendPin = () => Promise.resolve(true);
  }
}

/** Believes the word that comes last, whenever it was said. */
export class Credible extends InMemoryStrategy {
  constructor(options: ConstructorParameters<typeof InMemoryStrategy>[0]) {
    super(options);
    const sendPin = this.pins.sendPin.bind(this.pins);
    this.pins.sendPin = (holder, pin) => {
      const [others] = [...options.agents.values()].filter(({ agent }) => agent !== holder);
      for (const holding of others?.holdings.values() ?? []) delete holding.pin;
      return sendPin(holder, pin);
    };
  }
}

/** Tells of everything that is read. */
export class Talkative extends InMemoryStrategy {
  override read(ref: MessageRef): Promise<SignedReceipt | null> {
    this.agentOf(ref.holder).tellsReading = true;
    return super.read(ref);
  }
}

/** Forgets whom an agent blocks. */
export class Forgiving extends InMemoryStrategy {
  override receive(caller: AgentPubKey, callee: AgentPubKey, signed: SignedMessage): Promise<SignedReceipt> {
    this.agentOf(callee).blocked.clear();
    return super.receive(caller, callee, signed);
  }
}

/** Has forgotten everything when it is opened again. */
export class Oblivious extends InMemoryStrategy {
  constructor(options: ConstructorParameters<typeof InMemoryStrategy>[0]) {
    super({ ...options, agents: new Map() });
  }
}
