import { type AgentPubKey, type MessageId } from '@musubi/messaging';
import { attemptAll, isHeld, newAgents, type Refusals } from './probe-acts.js';
import { type ProbeSubject } from './probe-subject.js';

/** Two agents who are never online at once: the author leaves before the recipient comes, and the other way round. */
export async function probeOfflineDelivery(subject: ProbeSubject): Promise<Refusals> {
  const { strategy } = subject;
  const [author, recipient] = [await subject.newAgent(), await subject.newAgent()];
  await subject.goOffline(recipient);
  const saves = await attemptAll([strategy.save(subject.draft(author, recipient))]);
  const sends = await attemptAll(saves.done.map(({ message }) => subject.send({ holder: author, message })));
  await subject.whenIdle();
  await subject.goOffline(author);
  await subject.goOnline(recipient);
  await subject.whenIdle();
  const [message] = saves.done.map((saved) => saved.message);
  const hasArrived = message !== undefined && (await isHeld(subject, recipient, message));
  await subject.goOffline(recipient);
  await subject.goOnline(author);
  await subject.whenIdle();
  const isKnown = hasArrived && (await isShown(subject, author, message));
  return { count: isKnown ? 0 : 1, errors: [...saves.errors, ...sends.errors] };
}

/** Whether its author has heard that it arrived. */
async function isShown(
  { strategy }: ProbeSubject,
  author: AgentPubKey,
  message: MessageId,
): Promise<boolean> {
  const { status } = await strategy.messages.find({ holder: author, message });
  return status !== 'saved';
}

/** So many peers more than there could be. */
const TOO_MANY = 2;

/** One agent writes to more peers than any limit allows. */
export async function probeUnboundedPeers(subject: ProbeSubject): Promise<Refusals> {
  const author = await subject.newAgent();
  const errors: Refusals['errors'][number][] = [];
  for (const peer of await newAgents(subject, subject.peerLimit + TOO_MANY)) {
    const saved = await attemptAll([subject.strategy.save(subject.draft(author, peer))]);
    errors.push(...saved.errors);
  }
  await subject.whenIdle();
  return { count: errors.length, errors };
}
