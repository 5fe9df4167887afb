import { fromBase64Url } from '@musubi/crypto';
import { MessageDeletedError, MessageNotFoundError, type MessageRef } from '@musubi/messaging';
import { blindedKey } from '@musubi/receipts';
import {
  ABSENT,
  DELIVERED,
  type Model,
  type ModelMessage,
  READ,
  learn,
  mayReach,
  newTrials,
} from '../model.js';
import { NodeDiedError } from '../node-died.js';
import { type ModelledSystem } from '../modelled-system.js';
import { type Act, messageAt } from './act.js';
import { tryStep } from './try-step.js';

interface Scene {
  readonly model: Model;
  readonly system: ModelledSystem;
  readonly message: ModelMessage;
  /** What was certain of the two copies when the act began: what is learnt meanwhile may have come after it asked. */
  readonly certain: { readonly atAuthor: number; readonly atRecipient: number };
}

/** An act on some message there is, by one of its two agents; nothing while there is none. */
abstract class ActOnMessage implements Act {
  protected abstract readonly name: string;

  constructor(protected readonly index: number) {}

  async perform(model: Model, system: ModelledSystem): Promise<void> {
    const message = messageAt(model, this.index);
    if (message === undefined) return;
    const certain = { atAuthor: message.atAuthor.least, atRecipient: message.atRecipient.least };
    await this.act({ model, system, message, certain });
  }

  toString(): string {
    return `${this.name}(${this.index})`;
  }

  protected abstract act(scene: Scene): Promise<void>;
}

/** The recipient reads: the receipt is committed, then brought to the author. */
export class Read extends ActOnMessage {
  protected readonly name = 'read';

  /** `isReadOnly`: nobody is told yet, as the reader's process may have died after its commit. */
  constructor(
    index: number,
    private readonly isReadOnly: boolean,
  ) {
    super(index);
  }

  protected async act(scene: Scene): Promise<void> {
    const { system, message } = scene;
    const { strategy, id, draft, atRecipient } = message;
    const ref = { holder: draft.recipient, message: id };
    if (draft.author === draft.recipient) return;
    try {
      await system.within(ref.holder, async ({ strategies }) => {
        await strategies[strategy].messages.find(ref);
        // Only now: what is sent at the same time may have come while the reader looked for it.
        if (atRecipient.most >= DELIVERED) mayReach(message, READ);
        await strategies[strategy].read(ref);
      });
    } catch (error) {
      expectExplained(scene, ref, error);
      return;
    }
    learn(atRecipient, READ);
    if (!this.isReadOnly)
      await tryStep(scene, 'read', ({ attempts }, holder, outboxKey) => attempts.first(holder, outboxKey));
  }
}

/** The author asks for another attempt, now. */
export class Retry extends ActOnMessage {
  protected readonly name = 'retry';

  protected async act(scene: Scene): Promise<void> {
    const { model, system, message } = scene;
    const { strategy, id, draft, trials } = message;
    const ref = { holder: draft.author, message: id };
    try {
      const { status } = await system.within(ref.holder, (node) =>
        node.strategies[strategy].messages.find(ref),
      );
      if (status !== 'saved') return;
    } catch (error) {
      expectExplained(scene, ref, error);
      return;
    }
    if (model.isAlone) Object.assign(trials.send, newTrials());
    await tryStep(scene, 'send', ({ attempts }, holder, outboxKey) => attempts.retry(holder, outboxKey));
  }
}

/** One of the two deletes its copy. */
export class Remove extends ActOnMessage {
  protected readonly name = 'remove';

  constructor(
    index: number,
    private readonly by: number,
  ) {
    super(index);
  }

  protected async act(scene: Scene): Promise<void> {
    const { system, message } = scene;
    const { strategy, id, draft, deletedBy, mayBeDeletedBy } = message;
    const holder = this.by % 2 === 0 ? draft.author : draft.recipient;
    const ref = { holder, message: id };
    mayBeDeletedBy.add(holder);
    try {
      await system.within(holder, (node) => node.strategies[strategy].remove(ref));
      deletedBy.add(holder);
    } catch (error) {
      // A tombstone that is there already stays, and says nothing of this act.
      if (!(error instanceof NodeDiedError)) mayBeDeletedBy.delete(holder);
      if (!(error instanceof MessageNotFoundError)) expectExplained(scene, ref, error);
      else expectAbsent(scene, ref, error);
    }
  }

  override toString(): string {
    return `remove(${this.index}, by ${this.by % 2 === 0 ? 'author' : 'recipient'})`;
  }
}

/** A row of the outbox is damaged at rest. */
export class Spoil extends ActOnMessage {
  protected readonly name = 'spoil';

  protected async act({ system, message }: Scene): Promise<void> {
    const { keys } = system;
    for (const holder of [message.draft.author, message.draft.recipient]) {
      const own = keys.get(holder);
      if (own === undefined) continue;
      message.isSpoilt = true;
      await system
        .databaseOf(holder)
        .query(`update outbox set message = '\\x00' where holder = $1 and placement = $2 and key = $3`, [
          fromBase64Url(holder),
          message.strategy,
          blindedKey(own, message.id),
        ]);
    }
  }
}

/** An error that says that a message is not held, or no more, is true; or the model explains it. */
function expectExplained(scene: Scene, ref: MessageRef, error: unknown): void {
  if (error instanceof MessageNotFoundError) {
    expectAbsent(scene, ref, error);
    return;
  }
  const { model, message } = scene;
  const isDeleted =
    message.deletedBy.has(ref.holder) || (!model.isAlone && message.mayBeDeletedBy.has(ref.holder));
  if (error instanceof MessageDeletedError && isDeleted) return;
  if (!model.explains(error, ref.holder)) throw error;
}

function expectAbsent({ message, certain }: Scene, { holder }: MessageRef, error: unknown): void {
  const least = holder === message.draft.author ? certain.atAuthor : certain.atRecipient;
  if (least !== ABSENT) throw error;
}
