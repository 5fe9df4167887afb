import { type FaultKind, auditMessages, copyOf, verifyingOnce } from '@musubi/audit';
import { MESSAGE_STEPS, type MessageStep } from '@musubi/cell';
import { RECEIPT_STATUSES, type ReceiptStatus, STRATEGY_NAMES, type StrategyName } from '@musubi/messaging';
import { rankOf, verifyReceipt } from '@musubi/receipts';
import { ABSENT, type Bounds, DELIVERED, type Model, type ModelMessage, learn, nameOf } from './model.js';
import { type Holding, type Observation, isPublished, owedName } from './observation.js';
import { type ModelledSystem } from './modelled-system.js';

/** Something that must never be was seen. */
class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** @throws InvariantError with this message unless it holds */
export function requireThat(holds: boolean, broken: () => string): asserts holds {
  if (!holds) throw new InvariantError(broken());
}

type Debts = Pick<Observation, 'outbox' | 'published'> & Pick<ModelledSystem, 'keys'>;

/** What a message is at its two agents. */
export interface Sides {
  readonly atAuthor: Holding | undefined;
  readonly atRecipient: Holding | undefined;
}

/** Judges what is stored of messages, receipts and pending steps against what the model allows, and learns from it. */
export function judgeMessages(model: Model, system: ModelledSystem, seen: Observation): void {
  for (const strategy of STRATEGY_NAMES) judgeCopies(strategy, model, seen);
  const held = byMessage(seen.holdings);
  const debts = { ...seen, keys: system.keys };
  for (const message of model.messages) {
    const sides = sidesOf(message, held.get(message.id) ?? []);
    judgeReceipts(message, sides);
    judgeStanding(message, sides);
    judgeTombstones(message, sides);
    judgeOwed(message, sides, debts);
    judgeGivenUp(model, message, debts);
  }
}

function byMessage(holdings: readonly Holding[]): ReadonlyMap<string, readonly Holding[]> {
  const found = new Map<string, Holding[]>();
  for (const holding of holdings) {
    found.set(holding.message.id, [...(found.get(holding.message.id) ?? []), holding]);
  }
  return found;
}

/** When messages arrive is the business of the model's bounds; whatever is there has to be genuine at any time. */
const AT_ANY_TIME: readonly FaultKind[] = ['doubled', 'phantom', 'unsigned', 'stray'];

const verify = verifyingOnce(verifyReceipt);

function judgeCopies(strategy: StrategyName, { messages }: Model, { holdings }: Observation): void {
  const sent = messages
    .filter((message) => message.strategy === strategy)
    .map(({ id, draft: { author, recipient } }) => ({ id, author, recipient, isAcknowledged: false }));
  const copies = holdings
    .filter((holding) => holding.strategy === strategy)
    .map(({ holder, message, status, receipts }) =>
      copyOf(holder, { message, status, receipts: receipts.map(({ receipt }) => receipt) }, verify),
    );
  const { faults } = auditMessages(sent, copies);
  const found = faults.find(({ kind }) => AT_ANY_TIME.includes(kind));
  requireThat(found === undefined, () => found?.witness ?? '');
}

export function sidesOf({ draft }: ModelMessage, held: readonly Holding[]): Sides {
  return {
    atAuthor: held.find(({ holder }) => holder === draft.author),
    atRecipient: held.find(({ holder }) => holder === draft.recipient),
  };
}

function judgeReceipts({ id }: ModelMessage, { atRecipient }: Sides): void {
  if (atRecipient === undefined) return;
  // An author may hear of the reading first: the recipient's store alone has to have every step.
  const statuses = atRecipient.receipts.map(({ receipt }) => receipt.status).join();
  const expected = RECEIPT_STATUSES.slice(0, atRecipient.receipts.length).join();
  requireThat(statuses === expected, () => `${id} has gaps at its recipient: ${statuses}`);
}

function rankAt(side: Holding | undefined): number {
  return side === undefined ? ABSENT : rankOf(side.status);
}

function judgeStanding(message: ModelMessage, { atAuthor, atRecipient }: Sides): void {
  const { id, draft } = message;
  const [author, recipient] = [rankAt(atAuthor), rankAt(atRecipient)];
  within(message.atAuthor, author, `${id} at its author`);
  // Saving is over, well or badly, and nothing else makes an author hold a message.
  if (author === ABSENT) message.atAuthor.most = ABSENT;
  if (draft.author === draft.recipient) return;
  within(message.atRecipient, recipient, `${id} at its recipient`);
  requireThat(
    recipient === ABSENT || recipient >= DELIVERED,
    () => `${id} is held by its recipient without a receipt`,
  );
}

/** What was seen once is certain from then on: a standing never goes down. */
function within(bounds: Bounds, rank: number, what: string): void {
  requireThat(
    bounds.least <= rank && rank <= bounds.most,
    () => `${what} is ${nameOf(rank)}, not from ${nameOf(bounds.least)} to ${nameOf(bounds.most)}`,
  );
  learn(bounds, rank);
}

function judgeTombstones(message: ModelMessage, { atAuthor, atRecipient }: Sides): void {
  const { deletedBy, mayBeDeletedBy } = message;
  for (const side of [atAuthor, atRecipient]) {
    if (side === undefined) continue;
    const { holder, isDeleted } = side;
    requireThat(
      mayBeDeletedBy.has(holder) || deletedBy.has(holder) === isDeleted,
      () => `${message.id} ${isDeleted ? 'has a tombstone that nobody set' : 'has lost its tombstone'}`,
    );
    if (isDeleted) deletedBy.add(holder);
  }
  mayBeDeletedBy.clear();
}

/** Nothing is given up without a reason. */
function judgeGivenUp(model: Model, message: ModelMessage, debts: Debts): void {
  for (const step of MESSAGE_STEPS) {
    const trial = message.trials[step];
    requireThat(
      owedOf(message, step, debts)?.isFailed !== true ||
        model.isPatienceOver(trial) ||
        trial.mayBeRefusedForGood ||
        message.isSpoilt,
      () => `${step} of ${message.id} was given up after ${trial.attempts} attempts in ${trial.waited} s`,
    );
  }
}

/** Whatever is not done is pending. */
function judgeOwed(message: ModelMessage, sides: Sides, debts: Debts): void {
  for (const step of MESSAGE_STEPS) {
    const outboxKey = owedOf(message, step, debts);
    const debt = DEBT_OF[step](message, sides, debts);
    requireThat(
      debt !== 'pending' || outboxKey !== undefined,
      () => `${step} of ${message.id} is neither done nor pending`,
    );
    requireThat(
      debt !== 'over' || outboxKey === undefined,
      () => `${step} of ${message.id} is over, and still pending`,
    );
  }
}

/** A step as its debtor's outbox has it. */
export function owedOf(
  message: ModelMessage,
  step: MessageStep,
  { outbox, keys }: Pick<Debts, 'outbox' | 'keys'>,
): { readonly isFailed: boolean } | undefined {
  const debtor = keys.get(step === 'send' ? message.draft.author : message.draft.recipient);
  return debtor && outbox.get(owedName(debtor, message, step));
}

type Debt = 'pending' | 'over' | 'either';

const DEBT_OF: Readonly<Record<MessageStep, (message: ModelMessage, sides: Sides, debts: Debts) => Debt>> = {
  send: sendDebt,
  delivered: deliveredDebt,
  read: readDebt,
};

function sendDebt({ strategy }: ModelMessage, { atAuthor }: Sides, debts: Debts): Debt {
  if (atAuthor === undefined || atAuthor.isDeleted || atAuthor.status !== 'saved') return 'over';
  // A letter that was handed over is pending no more, and its receipt comes by itself.
  return strategy === 'global-dht' ? letterDebt('saved', atAuthor, debts) : 'pending';
}

function deliveredDebt({ strategy, draft }: ModelMessage, { atRecipient }: Sides, debts: Debts): Debt {
  // Where the recipient is called, its reply brings the receipt.
  if (strategy !== 'global-dht' || draft.author === draft.recipient) return 'over';
  return atRecipient === undefined ? 'over' : letterDebt('delivered', atRecipient, debts);
}

function readDebt({ strategy, draft }: ModelMessage, { atAuthor, atRecipient }: Sides, debts: Debts): Debt {
  if (atRecipient?.status !== 'read' || draft.author === draft.recipient) return 'over';
  if (strategy === 'global-dht') return letterDebt('read', atRecipient, debts);
  return atAuthor?.status === 'read' ? 'either' : 'pending';
}

/** A letter is pending until it is published, or one that says more. */
function letterDebt(status: ReceiptStatus, { receipts }: Holding, debts: Debts): Debt {
  const telling = receipts.filter(({ receipt }) => rankOf(receipt.status) >= rankOf(status));
  return telling.some((each) => isPublished(each, debts)) ? 'either' : 'pending';
}
