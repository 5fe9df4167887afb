import { type Clock } from '@musubi/messaging';
import { type RemoteCallOutcome } from '@musubi/network';
import { Allowance, type NodeKey, type NodeLinks, type Question } from '@musubi/network/nodes';
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
/** From how many peers news is heard at once: as many as comparisons run. */
const HEARD_AT_ONCE = 8;
/**
 * What one peer may tell in a span: some 200 records, and some 900 a minute. A network of 10,000 nodes has 60 new ones a
 * minute. A peer that is refused compares everything instead.
 */
const HEARD_BYTES = 64 * 1024;
const HEARD_SPAN_MS = 15_000;

const BUSY: RemoteCallOutcome = { kind: 'refused', code: 'busy', retryable: true };

/** Tells linked peers which records have changed: each record once to each peer, but to the one that told it. */
export class RecordNews {
  private readonly waiting = new Map<NodeKey, Set<NodeKey>>();
  private readonly hearing = new Set<NodeKey>();
  private readonly budgets = new Map<NodeKey, Allowance>();

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
    if (this.hearing.has(peer) || this.hearing.size >= HEARD_AT_ONCE) return BUSY;
    // What is refused costs nothing, and is not counted.
    const budget = this.budgetOf(peer);
    if (!budget.take(0)) return BUSY;
    budget.take(payload.length);
    this.hearing.add(peer);
    try {
      const told = await this.parts.exchange.hear(peer, payload);
      for (const node of told) this.waiting.get(peer)?.delete(node);
      return { kind: 'ok', reply: new Uint8Array() };
    } finally {
      this.hearing.delete(peer);
    }
  }

  /** A link that ends and comes back within the span has what is left of it. */
  private budgetOf(peer: NodeKey): Allowance {
    const { clock, links, signal } = this.parts;
    const renew = async (): Promise<void> => {
      await clock.sleep(HEARD_SPAN_MS, signal);
      if (!links.linked().includes(peer)) this.budgets.delete(peer);
    };
    const budget = this.budgets.get(peer) ?? new Allowance(HEARD_BYTES, renew);
    this.budgets.set(peer, budget);
    return budget;
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
      const { isWhole, message } = await exchange.delivery(nodes);
      if (message === null) return isWhole;
      return (await links.ask(peer, NEWS_TOPIC, message)).kind === 'ok' && isWhole;
    } catch {
      return false;
    }
  }
}
