import { setTimeout as sleep } from 'node:timers/promises';
import { type Agent } from '../../apps/api/test/support/client.js';
import { p50, p95 } from '../bench/figures.js';
import { type Fleet, type Member } from './fleet.js';
import { PLACEMENTS } from './talk.js';

interface StoppedPlan {
  /** Of each kind, in turn, after one to warm up. */
  readonly rounds: number;
  /** Messages to each of the others in a round. */
  readonly messagesEach: number;
  /** Between two messages to the one that may be stopped. */
  readonly everyMs: number;
}

interface StoppedReport {
  /** Medians of the rounds. */
  readonly undisturbedMs: number;
  readonly besideMs: number;
  /** Of the p95 of messages to the others. */
  readonly ratio: number;
  /** Messages to the stopped node, none of which was delivered while it stood still. */
  readonly sentInVain: number;
}

/** How long messages to others take while one of a node's peers stands still, and while none does. */
export async function measureStopped(
  { members }: Fleet,
  { everyMs, messagesEach, rounds }: StoppedPlan,
): Promise<StoppedReport> {
  const [author, stoppable, ...others] = members;
  if (author === undefined || stoppable === undefined) throw new RangeError('too few nodes');
  const undisturbed: number[] = [];
  const beside: number[] = [];
  let sentInVain = 0;
  for (let round = -1; round < rounds; round += 1) {
    const quiet = await roundOf(author, { others, messagesEach, stoppable, everyMs });
    stoppable.node.signal('SIGSTOP');
    const disturbed = await roundOf(author, { others, messagesEach, stoppable, everyMs }).finally(() => {
      stoppable.node.signal('SIGCONT');
    });
    await untilAnswered(author, stoppable.agent);
    if (round < 0) continue;
    undisturbed.push(quiet.p95Ms);
    beside.push(disturbed.p95Ms);
    sentInVain += disturbed.sent;
  }
  const [undisturbedMs, besideMs] = [p50(undisturbed), p50(beside)];
  const ratios = beside.map((ms, index) => ms / (undisturbed[index] ?? NaN));
  return { undisturbedMs, besideMs, ratio: p50(ratios), sentInVain };
}

interface Round extends Pick<StoppedPlan, 'messagesEach' | 'everyMs'> {
  readonly others: readonly Member[];
  readonly stoppable: Member;
}

/** Messages to the others, one after another for each, and messages to the one all the while. */
async function roundOf(
  author: Member,
  { everyMs, messagesEach, others, stoppable }: Round,
): Promise<{ readonly p95Ms: number; readonly sent: number }> {
  const ended = new AbortController();
  const pestering = pester(author, stoppable.agent, { everyMs, signal: ended.signal });
  const latenciesMs: number[] = [];
  const writeTo = async ({ agent }: Member): Promise<void> => {
    for (let message = 0; message < messagesEach; message += 1) {
      const at = performance.now();
      await sendAndWait(author, agent, message);
      latenciesMs.push(performance.now() - at);
    }
  };
  await Promise.all(others.map(writeTo)).finally(() => {
    ended.abort();
  });
  return { p95Ms: p95(latenciesMs), sent: await pestering };
}

async function sendAndWait(author: Member, to: Agent, turn: number): Promise<void> {
  const strategy = PLACEMENTS[turn % PLACEMENTS.length] ?? 'source-chain';
  const headers = { prefer: 'wait=60' };
  const { status } = await author.client.send(strategy, author.agent, to, { headers });
  if (status !== 'delivered') throw new Error(`a message was ${status} after 60 s`);
}

/** Saves messages to somebody who may not answer. @returns how many */
async function pester(
  author: Member,
  to: Agent,
  { everyMs, signal }: { readonly everyMs: number; readonly signal: AbortSignal },
): Promise<number> {
  let sent = 0;
  while (!signal.aborted) {
    const strategy = PLACEMENTS[sent % PLACEMENTS.length] ?? 'source-chain';
    await author.client.send(strategy, author.agent, to, { headers: { prefer: 'respond-async' } });
    sent += 1;
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
  return sent;
}

/** What was sent in vain has left: the next round begins as the first did. */
async function untilAnswered(author: Member, agent: Agent): Promise<void> {
  for (const [turn] of PLACEMENTS.entries()) await sendAndWait(author, agent, turn);
}
