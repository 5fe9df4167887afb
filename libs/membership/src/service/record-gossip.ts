import { type Clock, type Log } from '@musubi/messaging';
import { type RemoteCallOutcome } from '@musubi/network';
import { LinkRefusedError, type NodeKey, type NodeLinks, type Question } from '@musubi/network/nodes';
import { ExchangeRefusedError } from '../exchange/messages.js';
import { type AnsweredRound, type RecordExchange } from '../exchange/record-exchange.js';
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
  /** All records were compared with the peer. */
  readonly onCompared: (peer: NodeKey) => Promise<void>;
}

/** Between two comparisons with a peer that has no news: half of it at least. */
export const EXCHANGE_MS = 60_000;
/** News waits so long for more of it. */
const NEWS_MS = 1000;
/** News goes to so many peers at once, who pass it on. */
const NEWS_PEERS = 3;
/** Of one comparison: more than 10,000 nodes need. */
const MAX_ROUNDS = 1024;
/** How many comparisons run at once, in either direction. */
const AT_ONCE = 8;

/** Compares the records of nodes with each linked peer: at once, then from time to time, and when there is news. */
export class RecordGossip {
  private readonly pauses = new Map<NodeKey, AbortController>();
  private readonly answered = new Map<NodeKey, AnsweredRound>();
  private readonly answering = new Set<NodeKey>();
  private readonly turns = new Turns(AT_ONCE);

  constructor(private readonly parts: RecordGossipParts) {}

  /** Goes on as long as there is a link to the peer. */
  async with(peer: NodeKey): Promise<void> {
    if (this.pauses.has(peer)) return;
    const { clock, links, random, signal } = this.parts;
    for (;;) {
      const pause = new AbortController();
      this.pauses.set(peer, pause);
      if (signal.aborted || !links.isLinked(peer)) break;
      await this.turns.take(() => this.compare(peer));
      await clock.sleep(EXCHANGE_MS * (0.5 + random()), AbortSignal.any([signal, pause.signal]));
      // News came: more of it may follow.
      if (pause.signal.aborted) await clock.sleep(NEWS_MS * (0.5 + random()), signal);
    }
    this.pauses.delete(peer);
  }

  /** There is no link to the peer any more. */
  end(peer: NodeKey): void {
    this.answered.delete(peer);
    this.pauses.get(peer)?.abort('ended');
  }

  /** A record was stored that peers may not have. */
  spread(toldBy: NodeKey | null): void {
    const { links, random } = this.parts;
    const others = links.linked().filter((peer) => peer !== toldBy);
    for (let count = 0; count < NEWS_PEERS && others.length > 0; count += 1) {
      const [peer] = others.splice(Math.floor(random() * others.length), 1);
      if (peer !== undefined) this.pauses.get(peer)?.abort('news');
    }
  }

  /** @throws LinkRefusedError when the peer breaks the rules of the exchange */
  async answer({ payload, peer, topic }: Question): Promise<RemoteCallOutcome> {
    if (topic !== BEGIN_TOPIC && topic !== DELIVER_TOPIC)
      return { kind: 'refused', code: 'unknown-topic', retryable: false };
    if (this.answering.has(peer) || this.answering.size >= AT_ONCE)
      return { kind: 'refused', code: 'busy', retryable: true };
    this.answering.add(peer);
    try {
      return topic === BEGIN_TOPIC ? await this.begun(peer, payload) : await this.delivered(peer, payload);
    } catch (error) {
      throw error instanceof ExchangeRefusedError ? new LinkRefusedError('bad-exchange') : error;
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

  private async compare(peer: NodeKey): Promise<void> {
    try {
      let after: NodeKey | null = null;
      for (let round = 0; round < MAX_ROUNDS; round += 1) {
        const next: NodeKey | null | undefined = await this.round(peer, after);
        if (next === undefined) return;
        if (next === null) break;
        after = next;
      }
      await this.parts.onCompared(peer);
    } catch (error) {
      if (error instanceof ExchangeRefusedError) this.parts.links.cutOff(peer, 'bad-exchange');
      else this.parts.log.warn('record-exchange-failed');
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
