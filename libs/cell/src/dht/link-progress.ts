import { type AgentPubKey } from '@musubi/messaging';
import { GENESIS_ACTIONS } from '../chain/genesis.js';

/** What is published with a link: its entry's `create` action, right before it on the chain. */
const ACTIONS_PER_LINK = 2;

interface AuthorProgress {
  /** Every link up to this seq has been read. */
  through: number;
  /** Links read beyond a gap. */
  readonly beyond: Set<number>;
}

/**
 * Which of a base's links have been read. Links may become visible in another order than that of their author's
 * chain, so that the highest seq says nothing about the lower ones: each is remembered, and those that follow
 * on one another without a gap are remembered as one number.
 */
export class LinkProgress {
  private readonly authors = new Map<AgentPubKey, AuthorProgress>();

  add(author: AgentPubKey, seq: number): void {
    const progress = this.authors.get(author) ?? { through: GENESIS_ACTIONS - 1, beyond: new Set() };
    this.authors.set(author, progress);
    progress.beyond.add(seq);
    while (progress.beyond.delete(progress.through + ACTIONS_PER_LINK)) progress.through += ACTIONS_PER_LINK;
  }

  has(author: AgentPubKey, seq: number): boolean {
    const progress = this.authors.get(author);
    return progress !== undefined && (seq <= progress.through || progress.beyond.has(seq));
  }

  /** How many links have been read. */
  get count(): number {
    const counts = [...this.authors.values()].map(
      ({ through, beyond }) => (through - GENESIS_ACTIONS + 1) / ACTIONS_PER_LINK + beyond.size,
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** Whether it is this author's next link, so that none before it can be missing. */
  isNext(author: AgentPubKey, seq: number): boolean {
    const through = this.authors.get(author)?.through ?? GENESIS_ACTIONS - 1;
    return seq === through + ACTIONS_PER_LINK;
  }

  /** The seq up to which each author's links are read. */
  through(): readonly (readonly [AgentPubKey, number])[] {
    return [...this.authors].map(([author, { through }]) => [author, through]);
  }

  /** The links that are read beyond that. */
  beyond(): readonly (readonly [AgentPubKey, number])[] {
    return [...this.authors].flatMap(([author, { beyond }]) =>
      [...beyond].map((seq): readonly [AgentPubKey, number] => [author, seq]),
    );
  }
}
