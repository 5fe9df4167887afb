import { type Clock, type Log } from '@musubi/messaging';
import { type RemoteCallOutcome } from '@musubi/network';
import { LinkRefusedError, type NodeKey, type NodeLinks, type Question } from '@musubi/network/nodes';
import { ExchangeRefusedError } from '../exchange/messages.js';
import { type AnsweredRound, type RecordExchange } from '../exchange/record-exchange.js';
import { NEWS_TOPIC, RecordNews } from './record-news.js';
import { Turns } from './turns.js';

export const BEGIN_TOPIC = 'records/1/begin';
export const DELIVER_TOPIC = 'records/1/deliver';

interface RecordGossipParts {
  readonly exchange: RecordExchange;
  readonly links: Pick<NodeLinks, 'ask' | 'isLinked' | 'linked' | 'cutOff' | 'refusals'>;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly random: () => number;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** There is a link to the peer, now and from time to time. */
  readonly onLinked: (peer: NodeKey) => Promise<void>;
}

/** Between two looks at a linked peer: half of it at least. */
export const EXCHANGE_MS = 60_000;
/** Everything is compared at the first look, when news may be missed, and at one look of so many. */
const SWEEP_LOOKS = 10;
/** A comparison after news that may be missed waits so long for more of it. */
const MISSED_MS = 1000;
/** Of one comparison: more than 10,000 nodes need. */
const MAX_ROUNDS = 1024;
/** How many comparisons run at once, in either direction. */
const AT_ONCE = 8;

/** Compares the records of nodes with each linked peer: at once, then rarely. What changes in between is told by itself. */
export class RecordGossip {
  private readonly pauses = new Map<NodeKey, AbortController>();
  private readonly answered = new Map<NodeKey, AnsweredRound>();
  private readonly answering = new Set<NodeKey>();
  private readonly turns = new Turns(AT_ONCE);
  private readonly news: RecordNews;

  constructor(private readonly parts: RecordGossipParts) {
    const onMissed = (peer: NodeKey): void => {
      this.pauses.get(peer)?.abort('missed');
    };
    this.news = new RecordNews({ ...parts, onMissed });
  }

  /** Goes on as long as there is a link to the peer. */
  async with(peer: NodeKey): Promise<void> {
    if (this.pauses.has(peer)) return;
    const { links, signal } = this.parts;
    let looks = 0;
    for (;;) {
      const pause = new AbortController();
      this.pauses.set(peer, pause);
      if (signal.aborted || !links.isLinked(peer)) break;
      const isDone = await this.look(peer, looks % SWEEP_LOOKS === 0);
      await this.rest(pause.signal);
      looks = isDone && !pause.signal.aborted ? looks + 1 : 0;
    }
    this.pauses.delete(peer);
  }

  /** @returns false when everything is to be compared next time */
  private async look(peer: NodeKey, isDue: boolean): Promise<boolean> {
    if (isDue) return this.turns.take(() => this.compare(peer));
    await this.note(peer);
    return true;
  }

  private async rest(pause: AbortSignal): Promise<void> {
    const { clock, random, signal } = this.parts;
    await clock.sleep(EXCHANGE_MS * (0.5 + random()), AbortSignal.any([signal, pause]));
    if (pause.aborted) await clock.sleep(MISSED_MS * (0.5 + random()), signal);
  }

  /** There is no link to the peer any more. */
  end(peer: NodeKey): void {
    this.answered.delete(peer);
    this.news.end(peer);
    this.pauses.get(peer)?.abort('ended');
  }

  /** A record was stored that peers may not have. */
  spread(node: NodeKey, toldBy: NodeKey | null): void {
    this.news.spread(node, toldBy);
  }

  /** @throws LinkRefusedError when the peer breaks the rules of the exchange */
  async answer(question: Question): Promise<RemoteCallOutcome> {
    const { topic } = question;
    try {
      if (topic === NEWS_TOPIC) return await this.news.answer(question);
      if (topic === BEGIN_TOPIC || topic === DELIVER_TOPIC) return await this.compared(question);
    } catch (error) {
      throw error instanceof ExchangeRefusedError ? new LinkRefusedError('bad-exchange') : error;
    }
    return { kind: 'refused', code: 'unknown-topic', retryable: false };
  }

  private async compared({ payload, peer, topic }: Question): Promise<RemoteCallOutcome> {
    if (this.answering.has(peer) || this.answering.size >= AT_ONCE)
      return { kind: 'refused', code: 'busy', retryable: true };
    this.answering.add(peer);
    try {
      return topic === BEGIN_TOPIC ? await this.begun(peer, payload) : await this.delivered(peer, payload);
    } finally {
      this.answering.delete(peer);
    }
  }

  private async begun(peer: NodeKey, digest: Uint8Array): Promise<RemoteCallOutcome> {
    const round = await this.parts.exchange.answer(digest);
    if (round.wants.size > 0) this.answered.set(peer, round);
    else this.answered.delete(peer);
    return { kind: 'ok', reply: round.message };
  }

  /** Once for each round: what is delivered again, or was never asked for, is not read. */
  private async delivered(peer: NodeKey, delivery: Uint8Array): Promise<RemoteCallOutcome> {
    const round = this.answered.get(peer);
    if (round === undefined) {
      this.parts.links.refusals.note('bad-exchange');
      return { kind: 'refused', code: 'no-round', retryable: false };
    }
    this.answered.delete(peer);
    await this.parts.exchange.take(peer, round, delivery);
    return { kind: 'ok', reply: new Uint8Array() };
  }

  private async note(peer: NodeKey): Promise<void> {
    await this.parts.onLinked(peer).catch(() => {
      this.parts.log.warn('linked-peer-not-noted');
    });
  }

  /** @returns whether everything was compared. Never rejects */
  private async compare(peer: NodeKey): Promise<boolean> {
    try {
      let after: NodeKey | null = null;
      for (let round = 0; round < MAX_ROUNDS; round += 1) {
        const next: NodeKey | null | undefined = await this.round(peer, after);
        if (next === undefined) return false;
        if (next === null) break;
        after = next;
      }
      await this.parts.onLinked(peer);
      return true;
    } catch (error) {
      if (error instanceof ExchangeRefusedError) this.parts.links.cutOff(peer, 'bad-exchange');
      else this.parts.log.warn('record-exchange-failed');
      return false;
    }
  }

  /** @returns where the next round begins, null at the end, undefined when the peer did not answer */
  private async round(peer: NodeKey, after: NodeKey | null): Promise<NodeKey | null | undefined> {
    const { exchange, links } = this.parts;
    const { digest, message } = await exchange.begin(after);
    const answer = await links.ask(peer, BEGIN_TOPIC, message);
    if (answer.kind !== 'ok') return undefined;
    const { message: delivery, next } = await exchange.compare(peer, digest, answer.reply);
    if (delivery === null) return next;
    const taken = await links.ask(peer, DELIVER_TOPIC, delivery);
    return taken.kind === 'ok' ? next : undefined;
  }
}
