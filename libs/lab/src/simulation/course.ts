import { setImmediate as turn } from 'node:timers/promises';
import { CommitFailedError } from '@musubi/cell';
import { type AgentPubKey, MICROSECONDS_PER_DAY, type MessageId, MessagingError } from '@musubi/messaging';
import { type SeededRandom } from '@musubi/observers';
import { messageIdOf } from '@musubi/receipts';
import { type SimulatedClock } from '../node/lab-clock.js';
import { type LabNode } from '../node/lab-node.js';
import { type Send, type WorkloadEvent } from '../workloads/workload.js';
import { EventQueue } from './agenda.js';
import { type ReceiptTiming } from './receipt-timing.js';
import { SentFiles } from './sent-files.js';
import { type Sent } from './sent.js';
import { whenServerQuiet } from './server-quiet.js';
import { type TextOf } from './texts.js';

const SECOND = 1_000_000;
/** Longer than all waits of the outbox together, from the first attempt to the last. */
const OUTBOX_SPAN = 60 * SECOND;
const ROUNDS = 8;
/** A service looks for letters so often; a simulation when so much time has gone by. */
const POLL = 15 * SECOND;

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
export class SimulationRun {
  readonly sent: Sent[] = [];
  readonly texts: string[] = [];
  readonly savedAt: Heard = new Map();
  /** When a recipient had the message. */
  readonly deliveredAt: Heard = new Map();
  /** When the author knew of that. */
  readonly confirmedAt: Heard = new Map();
  private readonly files = new SentFiles();
  private readonly agenda = new EventQueue();
  private polledAt: number;
  private isServerQuiet = true;

  constructor(private readonly parts: CourseParts) {
    this.polledAt = parts.start;
  }

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
    // A receipt that is never let through stays pending.
    for (let round = 0; round < ROUNDS && receipts.mode !== 'off'; round += 1) {
      clock.advanceTo(clock.time + OUTBOX_SPAN);
      const worked = await node.workOff();
      await this.passTo(node, Infinity);
      if (worked === 0) break;
    }
  }

  /** Lets everything happen that is due by then, day by day, and polls as a service does. */
  private async passTo(node: LabNode, time: number): Promise<void> {
    const { clock } = this.parts;
    if (time !== Infinity) {
      for (let day = dayAfter(clock.time); day < time; day = dayAfter(day))
        await this.passOneDayTo(node, day);
    }
    await this.passOneDayTo(node, time);
  }

  private async passOneDayTo(node: LabNode, time: number): Promise<void> {
    await this.letThrough(node, time);
    if (time !== Infinity) this.parts.clock.advanceTo(time);
    await this.poll(node);
    await whenIdle(node);
  }

  /** Lets everything happen that is due by then, each thing to its end before the next. */
  private async letThrough(node: LabNode, time: number): Promise<void> {
    for (let next = this.agenda.take(time); next !== undefined; next = this.agenda.take(time)) {
      this.parts.clock.advanceTo(next.due);
      await next.act();
      await whenIdle(node);
    }
  }

  /** A service that held back receipts would not publish them: while some are held here, nobody looks for them. */
  private async poll({ db, poller }: LabNode): Promise<void> {
    const { time } = this.parts.clock;
    if (time - this.polledAt < POLL) return;
    if (!this.agenda.isEmpty) {
      poller?.turn();
      return;
    }
    const elapsedMs = (time - this.polledAt) / 1000;
    this.polledAt = time;
    if (poller === undefined) return;
    // Once a foreign transaction outlasted all patience, the next poll waits for none.
    this.isServerQuiet &&= await whenServerQuiet(db);
    await poller.poll(elapsedMs);
  }

  private async send(node: LabNode, send: Send): Promise<void> {
    const { from, to } = send;
    const { clock, textOf } = this.parts;
    const text = textOf(this.sent.length, from);
    this.texts.push(text);
    const draft = await this.files.attach(node, send, node.draft(from, to, text));
    const id = messageIdOf(draft);
    this.savedAt.set(id, clock.time);
    const isAcknowledged = await isSaved(node, draft);
    const { payload } = draft;
    const withFile = payload.type === 'file' ? { file: payload.file } : {};
    this.sent.push({ id, from, to, isAcknowledged, ...withFile });
    if (isAcknowledged && node.variant.act === 'stepwise') await this.bring(node, draft.author, id);
    await whenIdle(node);
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

/** When the next day begins, in UTC. */
function dayAfter(time: number): number {
  return (Math.floor(time / MICROSECONDS_PER_DAY) + 1) * MICROSECONDS_PER_DAY;
}

/** Lets pending work start, then waits until it has ended. */
async function whenIdle(node: LabNode): Promise<void> {
  await turn();
  await node.whenIdle();
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
