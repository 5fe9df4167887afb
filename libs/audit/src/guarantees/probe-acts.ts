import { type AgentPubKey, type MessageId, MessageNotFoundError, MessagingError } from '@musubi/messaging';
import { type ProbeSubject } from './probe-subject.js';

/** What speaks against a promise: how often it was broken, and the errors that said so. */
export interface Refusals {
  readonly count: number;
  readonly errors: readonly MessagingError[];
}

/** All at once. @throws whatever is no refusal */
export async function attemptAll<Result>(
  attempts: readonly Promise<Result>[],
): Promise<{ readonly done: readonly Result[]; readonly errors: readonly MessagingError[] }> {
  const results = await Promise.allSettled(attempts);
  const done: Result[] = [];
  const errors: MessagingError[] = [];
  for (const result of results) {
    if (result.status === 'fulfilled') done.push(result.value);
    else if (result.reason instanceof MessagingError) errors.push(result.reason);
    else throw result.reason;
  }
  return { done, errors };
}

export async function newAgents(subject: ProbeSubject, count: number): Promise<readonly AgentPubKey[]> {
  const made: AgentPubKey[] = [];
  for (let index = 0; index < count; index += 1) made.push(await subject.newAgent());
  return made;
}

export async function isHeld(
  { strategy }: ProbeSubject,
  holder: AgentPubKey,
  message: MessageId,
): Promise<boolean> {
  try {
    await strategy.messages.find({ holder, message });
    return true;
  } catch (error) {
    if (error instanceof MessageNotFoundError) return false;
    throw error;
  }
}

/** The whole act, and the recipient's reading of it, until nothing is under way. */
export async function exchange(
  subject: ProbeSubject,
  [author, recipient]: readonly [AgentPubKey, AgentPubKey],
): Promise<void> {
  const { strategy } = subject;
  const { message } = await strategy.save(subject.draft(author, recipient));
  const receipt = await subject.send({ holder: author, message });
  if (receipt !== null) await strategy.confirm(author, receipt);
  await subject.whenIdle();
  await strategy.read({ holder: recipient, message });
  await strategy.sendReceipt({ holder: recipient, message });
  await subject.whenIdle();
}
