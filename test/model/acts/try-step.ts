import { type Owed, type OwedStep } from '@musubi/cell';
import { type AttemptOutcome } from '@musubi/delivery';
import { type AgentPubKey } from '@musubi/messaging';
import { type PostalNode } from '../../support/postal-node.js';
import { demand } from '../invariants.js';
import { DELIVERED, type Model, type ModelMessage, learn } from '../model.js';
import { type PostalSystem } from '../postal-system.js';
import { attemptFor } from './act.js';

type Try = (node: PostalNode, holder: AgentPubKey, owed: Owed) => Promise<AttemptOutcome>;

/** One attempt at a step of a message, made in the one way or the other. */
export async function tryStep(
  {
    model,
    system,
    message,
  }: { readonly model: Model; readonly system: PostalSystem; readonly message: ModelMessage },
  step: OwedStep,
  make: Try,
): Promise<void> {
  const { id, strategy, draft } = message;
  const holder = step === 'send' ? draft.author : draft.recipient;
  model.attempt(message, step);
  const owed = { strategy, message: id, step };
  const outcome = await attemptFor(model, holder, () => system.within((node) => make(node, holder, owed)));
  if (outcome === 'done' && step === 'send') {
    learn(message.atAuthor, DELIVERED);
    learn(message.atRecipient, DELIVERED);
  }
  if (model.isCalm) expectSuccess(model, message, { step, outcome });
}

/** With nothing in the way, one attempt is enough. */
function expectSuccess(
  model: Model,
  { draft, strategy, atAuthor, atRecipient, id }: ModelMessage,
  { step, outcome }: { readonly step: OwedStep; readonly outcome: AttemptOutcome | undefined },
): void {
  const isPublished = strategy === 'global-dht';
  const [holder, peer] = step === 'send' ? [draft.author, draft.recipient] : [draft.recipient, draft.author];
  if (!model.online.has(holder)) return;
  const isPeerThere = model.online.has(peer);
  if (!isPeerThere && !isPublished) return;
  demand(
    outcome === 'done' || outcome === 'handed-over',
    () => `${step} of ${id} ended as ${String(outcome)}`,
  );
  if (!isPeerThere) return;
  if (step === 'send') {
    learn(atRecipient, DELIVERED);
    learn(atAuthor, DELIVERED);
  } else {
    learn(atAuthor, atRecipient.least);
  }
}
