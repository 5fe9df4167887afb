import { setImmediate as turn } from 'node:timers/promises';
import { CommitFailedError } from '@musubi/cell';
import { type AgentPubKey, type MessageId, MessagingError } from '@musubi/messaging';
import { type SeededRandom } from '@musubi/observers';
import { messageIdOf } from '@musubi/receipts';
import { type Sent } from '../figures/integrity.js';
import { type SimulatedClock } from '../node/lab-clock.js';
import { type LabNode } from '../node/lab-node.js';
import { type Send, type WorkloadEvent } from '../workloads/workload.js';
import { Agenda } from './agenda.js';
import { type ReceiptTiming } from './receipt-timing.js';
import { type TextOf } from './texts.js';

const SECOND = 1_000_000;
/** Longer than all waits of the outbox together, from the first attempt to the last. */
const OUTBOX_SPAN = 60 * SECOND;
const ROUNDS = 8;

/** When something is heard of, by message. µs since the epoch. */
export type Heard = Map<string, number>;

interface CourseParts {
  readonly clock: SimulatedClock;
  /** When the workload begins. */
  readonly start: number;
  readonly receipts: ReceiptTiming;
  readonly random: SeededRandom;
  readonly textOf: TextOf;
}

/** What happens to the messages of one simulation, one thing after another. */
export class Course {
  readonly sent: Sent[] = [];
  readonly texts: string[] = [];
  readonly savedAt: Heard = new Map();
  /** When a recipient had the message. */
  readonly deliveredAt: Heard = new Map();
  /** When the author knew of that. */
  readonly confirmedAt: Heard = new Map();
  private readonly agenda = new Agenda();

  constructor(private readonly parts: CourseParts) {}

  /** Puts off what brings receipts, unless the same is put off already. */
  putOff(key: string, act: () => void | Promise<void>): void {
    const { clock, random, receipts } = this.parts;
    this.agenda.add({ due: receipts.dueAt(clock.time, random), key, act });
  }

  /** Hears what the agents' user interfaces are told. */
  listen(node: LabNode): void {
    for (const agent of node.agents) {
      node.signals.subscribe(agent, ({ type, message, status }) => {
        if (type === 'message') this.hear(this.deliveredAt, message);
        if (type === 'receipt' && status === 'delivered') this.hear(this.confirmedAt, message);
      });
    }
  }

  async happen(node: LabNode, event: WorkloadEvent): Promise<void> {
    const { clock, start } = this.parts;
    await this.passTo(node, start + event.at);
    if (event.kind === 'send') await this.send(node, event);
    else if (event.kind === 'leave') await node.goOffline(node.agent(event.agent));
    else if (event.kind === 'return') await node.returnAll();
    await this.passTo(node, clock.time);
  }

  /** Ends all faults, brings everybody back, and works the outbox off until it asks for nothing more. */
  async finish(node: LabNode): Promise<void> {
    const { clock, receipts } = this.parts;
    node.networkFaults.set([]);
    node.commitFaults.set([]);
    await node.returnAll();
    await this.passTo(node, Infinity);
    // A receipt that is never let through stays owed.
    for (let round = 0; round < ROUNDS && receipts.mode !== 'off'; round += 1) {
      clock.advanceTo(clock.time + OUTBOX_SPAN);
      const worked = await node.workOff();
      await this.passTo(node, Infinity);
      if (worked === 0) break;
    }
  }

  /** Lets everything happen that is due by then, each thing to its end before the next. */
  private async passTo(node: LabNode, time: number): Promise<void> {
    const { clock } = this.parts;
    for (let next = this.agenda.take(time); next !== undefined; next = this.agenda.take(time)) {
      clock.advanceTo(next.due);
      await next.act();
      await settled(node);
    }
    if (time !== Infinity) clock.advanceTo(time);
    await settled(node);
  }

  private async send(node: LabNode, { from, to }: Send): Promise<void> {
    const { clock, textOf } = this.parts;
    const text = textOf(this.sent.length, from);
    this.texts.push(text);
    const draft = node.draft(from, to, text);
    const id = messageIdOf(draft);
    this.savedAt.set(id, clock.time);
    const isAcknowledged = await isSaved(node, draft);
    this.sent.push({ id, from, to, isAcknowledged });
    if (isAcknowledged && node.variant.act === 'stepwise') await this.bring(node, draft.author, id);
    await settled(node);
  }

  /** A receipt that comes with the reply can be put off only by the author, which then confirms it later. */
  private async bring(node: LabNode, holder: AgentPubKey, message: MessageId): Promise<void> {
    const { strategy, variant } = node;
    if (this.parts.receipts.mode === 'immediate' || variant.answer === 'mailbox') {
      await node.attempt(holder, message);
      return;
    }
    const receipt = await strategy.send({ holder, message });
    if (receipt !== null && this.parts.receipts.mode !== 'off') {
      this.putOff(message, async () => {
        await strategy.confirm(holder, receipt);
      });
    }
  }

  /** The first time counts; what others have sent is not of this course. */
  private hear(heard: Heard, message: string | undefined): void {
    if (message === undefined || heard.has(message)) return;
    if (this.savedAt.has(message)) heard.set(message, this.parts.clock.time);
  }
}

/** Once what was just begun has begun, nothing is under way any more. */
async function settled(node: LabNode): Promise<void> {
  await turn();
  await node.settle();
}

async function isSaved(node: LabNode, draft: Parameters<LabNode['strategy']['save']>[0]): Promise<boolean> {
  try {
    await node.strategy.save(draft);
    return true;
  } catch (error) {
    if (error instanceof MessagingError || error instanceof CommitFailedError) return false;
    throw error;
  }
}
