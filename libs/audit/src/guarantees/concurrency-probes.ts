import { type AgentPubKey, type MessageDraft } from '@musubi/messaging';
import { type Refusals, attemptAll, isHeld, newAgents } from './probe-acts.js';
import { type ProbeSubject } from './probe-subject.js';

/** So many at once: where two would collide, some of these do. */
export const CROWD = 8;

/** What is seen in none of so many rounds is taken not to happen. */
async function inRounds(rounds: number, round: () => Promise<Refusals>): Promise<Refusals> {
  for (let count = 1; ; count += 1) {
    const refusals = await round();
    if (refusals.count > 0 || count >= rounds) return refusals;
  }
}

/** Everybody in a crowd sends one message to the same agent. */
export function probeConcurrentReceive(subject: ProbeSubject, rounds: number): Promise<Refusals> {
  return inRounds(rounds, async () => {
    const hub = await subject.newAgent();
    const senders = await newAgents(subject, CROWD);
    const drafts = senders.map((sender) => subject.draft(sender, hub));
    return sendAtOnce(subject, drafts, hub);
  });
}

async function sendAtOnce(
  subject: ProbeSubject,
  drafts: readonly MessageDraft[],
  hub: AgentPubKey,
): Promise<Refusals> {
  const saves = await attemptAll(drafts.map((draft) => subject.strategy.save(draft)));
  const sends = await attemptAll(saves.done.map(({ by, message }) => subject.send({ holder: by, message })));
  await subject.whenIdle();
  const errors = [...saves.errors, ...sends.errors];
  const held = await Promise.all(saves.done.map(({ message }) => isHeld(subject, hub, message)));
  const missing = drafts.length - held.filter(Boolean).length;
  return { count: Math.max(missing, errors.length), errors };
}

/** One author saves a crowd of messages at the same moment. */
export function probeConcurrentSave(subject: ProbeSubject, rounds: number): Promise<Refusals> {
  return inRounds(rounds, async () => {
    const [author, recipient] = [await subject.newAgent(), await subject.newAgent()];
    await subject.strategy.save(subject.draft(author, recipient));
    const drafts = Array.from({ length: CROWD }, () => subject.draft(author, recipient));
    const { errors } = await attemptAll(drafts.map((draft) => subject.strategy.save(draft)));
    await subject.whenIdle();
    return { count: errors.length, errors };
  });
}
