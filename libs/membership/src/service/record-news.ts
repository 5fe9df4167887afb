import { type Clock } from '@musubi/messaging';
import { type RemoteCallOutcome } from '@musubi/network';
import { type NodeKey, type NodeLinks, type Question } from '@musubi/network/nodes';
import { type RecordExchange } from '../exchange/record-exchange.js';

/** Records that have changed. The payload is a delivery that nobody has asked for. */
export const NEWS_TOPIC = 'records/1/news';

interface RecordNewsParts {
  readonly exchange: Pick<RecordExchange, 'delivery' | 'hear'>;
  readonly links: Pick<NodeLinks, 'ask' | 'linked'>;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** The peer may have missed something: only comparing everything helps. */
  readonly onMissed: (peer: NodeKey) => void;
}

/** News waits so long for more of it. A peer that tells it meanwhile is not told. */
const NEWS_MS = 1000;
/** Changed records that wait for one peer. Of more, everything is compared. */
const MOST_WAITING = 256;

/** Tells linked peers which records have changed: each record once to each peer, but to the one that told it. */
export class RecordNews {
  private readonly waiting = new Map<NodeKey, Set<NodeKey>>();
  private readonly hearing = new Set<NodeKey>();

  constructor(private readonly parts: RecordNewsParts) {}

  /** The record of the node is newer than what peers may have. */
  spread(node: NodeKey, toldBy: NodeKey | null): void {
    for (const peer of this.parts.links.linked()) if (peer !== toldBy && peer !== node) this.add(peer, node);
  }

  /** There is no link to the peer any more. When there is one again, everything is compared. */
  end(peer: NodeKey): void {
    this.waiting.delete(peer);
  }

  /** @throws ExchangeRefusedError */
  async answer({ payload, peer }: Question): Promise<RemoteCallOutcome> {
    if (this.hearing.has(peer)) return { kind: 'refused', code: 'busy', retryable: true };
    this.hearing.add(peer);
    try {
      const told = await this.parts.exchange.hear(peer, payload);
      for (const node of told) this.waiting.get(peer)?.delete(node);
      return { kind: 'ok', reply: new Uint8Array() };
    } finally {
      this.hearing.delete(peer);
    }
  }

  private add(peer: NodeKey, node: NodeKey): void {
    const waiting = this.waiting.get(peer);
    if (waiting !== undefined) {
      if (waiting.size < MOST_WAITING) waiting.add(node);
      return;
    }
    this.waiting.set(peer, new Set([node]));
    void this.tell(peer);
  }

  private async tell(peer: NodeKey): Promise<void> {
    const { clock, random, signal } = this.parts;
    await clock.sleep(NEWS_MS * (0.5 + random()), signal);
    const nodes = this.waiting.get(peer);
    this.waiting.delete(peer);
    if (signal.aborted || nodes === undefined || nodes.size === 0) return;
    if (!(await this.deliver(peer, nodes))) this.parts.onMissed(peer);
  }

  /** @returns whether the peer has all of it now. Never rejects */
  private async deliver(peer: NodeKey, nodes: ReadonlySet<NodeKey>): Promise<boolean> {
    const { exchange, links } = this.parts;
    if (nodes.size >= MOST_WAITING) return false;
    try {
      const { count, message } = await exchange.delivery(nodes);
      if (message === null) return true;
      return (await links.ask(peer, NEWS_TOPIC, message)).kind === 'ok' && count === nodes.size;
    } catch {
      return false;
    }
  }
}
