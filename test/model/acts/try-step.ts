import { type OutboxKey, type MessageStep } from '@musubi/cell';
import { type AttemptOutcome } from '@musubi/delivery';
import { type AgentPubKey } from '@musubi/messaging';
import { type DeliveryNode } from '@musubi/testing';
import { requireThat } from '../invariants.js';
import { DELIVERED, type Model, type ModelMessage, learn } from '../model.js';
import { type ModelledSystem } from '../modelled-system.js';
import { attemptFor } from './act.js';

type Try = (node: DeliveryNode, holder: AgentPubKey, outboxKey: OutboxKey) => Promise<AttemptOutcome>;

/** One attempt at a step of a message, made in the one way or the other. */
export async function tryStep(
  {
    model,
    system,
    message,
  }: { readonly model: Model; readonly system: ModelledSystem; readonly message: ModelMessage },
  step: MessageStep,
  make: Try,
): Promise<void> {
  const { id, strategy, draft } = message;
  const { holder } = endsOf(draft, step);
  model.attempt(message, step);
  const outboxKey = { strategy, message: id, step };
  const outcome = await attemptFor(model, holder, () =>
    system.within(holder, (node) => make(node, holder, outboxKey)),
  );
  if (outcome?.kind === 'done' && step === 'send') {
    learn(message.atAuthor, DELIVERED);
    learn(message.atRecipient, DELIVERED);
  }
  if (model.isCalm) expectSuccess(model, message, { step, outcome });
}

/** Who makes the attempt, and whom it is to reach. */
function endsOf(
  { author, recipient }: ModelMessage['draft'],
  step: MessageStep,
): { readonly holder: AgentPubKey; readonly peer: AgentPubKey } {
  return step === 'send' ? { holder: author, peer: recipient } : { holder: recipient, peer: author };
}

/** With nothing in the way, one attempt is enough. */
function expectSuccess(
  model: Model,
  { draft, strategy, atAuthor, atRecipient, id }: ModelMessage,
  { step, outcome }: { readonly step: MessageStep; readonly outcome: AttemptOutcome | undefined },
): void {
  const isPublished = strategy === 'global-dht';
  const isSending = step === 'send';
  const { holder, peer } = endsOf(draft, step);
  const isPeerThere = model.online.has(peer);
  if (!model.online.has(holder) || !(isPeerThere || isPublished)) return;
  const ended = String(outcome?.kind);
  requireThat(['done', 'handed-over'].includes(ended), () => `${step} of ${id} ended as ${ended}`);
  if (!isPeerThere || !model.hears(strategy)) return;
  if (isSending) {
    learn(atRecipient, DELIVERED);
    learn(atAuthor, DELIVERED);
  } else {
    learn(atAuthor, atRecipient.least);
  }
}
