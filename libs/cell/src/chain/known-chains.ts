import { type AppendQueue } from './append-queue.js';
import { type ChainAuthor } from './chain-author.js';
import { type ChainHead } from './chain.store.js';

/** Chains that this process remembers at most, besides those that are being written. */
const CAPACITY = 10_000;

interface KnownChain {
  readonly queue: AppendQueue;
  /** Where the chain ended when this process last looked; `null` when it is to look again. */
  head: ChainHead | null;
}

/** What this process knows of chains without asking: only ever a guess, for others may write them too. */
export class KnownChains {
  private readonly chains = new Map<string, KnownChain>();

  constructor(private readonly queueFor: (author: ChainAuthor) => AppendQueue) {}

  of(author: ChainAuthor): KnownChain {
    const name = `${author.space}/${author.agent}`;
    const known = this.chains.get(name) ?? { queue: this.queueFor(author), head: null };
    this.chains.delete(name);
    this.chains.set(name, known);
    this.forgetOldest();
    return known;
  }

  private forgetOldest(): void {
    for (const [name, { queue }] of this.chains) {
      if (this.chains.size <= CAPACITY) return;
      if (queue.isIdle) this.chains.delete(name);
    }
  }
}
