import { type Owed } from '@musubi/cell';
import { type AttemptOutcome } from '@musubi/delivery';
import { type AgentPubKey } from '@musubi/messaging';
import { type PostalNode } from './postal-node.js';

/** The attempt that whoever just committed a step makes at it. */
export function tryFirst(
  { clock, courier }: PostalNode,
  holder: AgentPubKey,
  owed: Owed,
): Promise<AttemptOutcome> {
  const first = { holder, owed, lane: '', attempt: 0, dueAt: clock.now(), isFailed: false };
  return courier.attempt({ ...first, lastError: null });
}

/** The attempt that an owner asks for: anew from the first, and with a probe, as the service makes it. */
export async function retry(node: PostalNode, holder: AgentPubKey, owed: Owed): Promise<AttemptOutcome> {
  const keys = node.keyring.keysOf(holder);
  const work = await node.outbox.find(keys, owed);
  if (work === null || !(await node.outbox.renew(keys, owed))) return tryFirst(node, holder, owed);
  return node.courier.attempt({ ...work, attempt: 0, lastError: 'remote-call-unknown' });
}
