import { type AgentPubKey, type StrategyName } from '@musubi/messaging';
import { messageIdOf } from '@musubi/receipts';
import { requireThat } from '../invariants.js';
import { ABSENT, type Model, READ, SAVED, learn } from '../model.js';
import { NodeDiedError } from '../node-died.js';
import { type ModelledSystem } from '../modelled-system.js';
import { type Act, agentAt } from './act.js';
import { tryStep } from './try-step.js';

interface Sending {
  readonly strategy: StrategyName;
  readonly from: number;
  /** Which of the others; oneself when absent. */
  readonly to: number | undefined;
  /** The first attempt is not made: the caller's process may have died after `save`. */
  readonly isSavedOnly: boolean;
}

/** Saves a message and, as a rule, tries to send it at once. */
export class Send implements Act {
  constructor(private readonly sending: Sending) {}

  async perform(model: Model, system: ModelledSystem): Promise<void> {
    const { strategy, from, to, isSavedOnly } = this.sending;
    const author = agentAt(model, from);
    const recipient = to === undefined ? author : otherThan(model, from, to);
    const draft = system.draft(author, recipient);
    const id = messageIdOf(draft);
    const message = model.begin(strategy, id, draft);
    try {
      const saved = await system.within(author, (node) => node.strategies[strategy].save(draft));
      requireThat(saved.message === id, () => `${id} was saved as ${saved.message}`);
    } catch (error) {
      if (!model.explains(error, author)) throw error;
      // A caller who was told that it was not saved must not find it later.
      if (!(error instanceof NodeDiedError)) message.atAuthor.most = ABSENT;
      return;
    }
    learn(message.atAuthor, author === recipient ? READ : SAVED);
    if (isSavedOnly || author === recipient) return;
    await tryStep({ model, system, message }, 'send', ({ attempts }, holder, outboxKey) =>
      attempts.first(holder, outboxKey),
    );
  }

  toString(): string {
    const { strategy, from, to, isSavedOnly } = this.sending;
    return `${isSavedOnly ? 'save' : 'send'}(${strategy}, ${from} → ${to === undefined ? 'itself' : `other ${to}`})`;
  }
}

/** Never the agent itself, as there are at least two. */
function otherThan(model: Model, self: number, further: number): AgentPubKey {
  const { length } = model.agents;
  return agentAt(model, (self % length) + 1 + (further % (length - 1)));
}
