import { type AgentPubKey, type ChainPlace, HeadMovedError, type SpaceId } from '@musubi/messaging';
import { type Sql, transact, violatedConstraint } from '@musubi/database';
import { type DataSource } from 'typeorm';
import { type ChainAuthor } from './chain-author.js';
import { type StoredAction, readActions } from './chain.reader.js';
import { ChainWrite } from './chain-write.js';
import { type Genesis, genesisActions } from './genesis.js';
import { type ChainHead, ChainStore } from './chain.store.js';

/** What a write does when another write moved the head first: fail with HeadMovedError, or rebase. */
export type Ordering = 'strict' | 'relaxed';

/** Either of these rejects a second action at one place of a chain. */
const NO_FORK_CONSTRAINTS = ['action_one_per_seq', 'action_one_per_prev'];

export interface SourceChainsOptions {
  readonly ordering: Ordering;
  /** Runs last in every chain transaction; when it rejects, nothing of the transaction is kept. */
  readonly beforeCommit?: (author: AgentPubKey) => Promise<void>;
  /** Asked inside every write, once it holds the head; what it throws is the write's error. */
  readonly admit?: (tx: Sql, author: AgentPubKey) => Promise<void>;
}

/**
 * All source chains of this node. A chain is one author's in one space, and every transaction writes one
 * chain: what must change together on two chains is exactly what this cannot do.
 */
export class SourceChains {
  private readonly store = new ChainStore();
  /** Chains known to have their genesis, so that the check is made once. */
  private readonly started = new Set<string>();

  constructor(
    private readonly db: DataSource,
    private readonly options: SourceChainsOptions,
  ) {}

  head(space: SpaceId, agent: AgentPubKey): Promise<ChainHead | null> {
    return this.store.head(this.db, { space, agent });
  }

  /** Writes the three genesis actions unless the chain has them. */
  async start(author: ChainAuthor, genesis: Genesis): Promise<void> {
    const name = `${author.space}/${author.agent}`;
    if (this.started.has(name)) return;
    if ((await this.store.head(this.db, author)) === null) {
      await this.commit(author, (tx) => this.writeGenesis(tx, author, genesis));
    }
    this.started.add(name);
  }

  /**
   * One transaction on the author's chain. Under strict ordering the call's view of the head is taken here, at
   * its beginning, and whatever is written meanwhile by another call makes this one fail; under relaxed
   * ordering the actions are placed and signed on the head as it is once this transaction holds it.
   * @throws HeadMovedError under strict ordering
   */
  async write<Result>(author: ChainAuthor, work: (write: ChainWrite) => Promise<Result>): Promise<Result> {
    const { store } = this;
    const expected = this.options.ordering === 'strict' ? await store.head(this.db, author) : null;
    return this.commit(author, async (tx) => {
      const head = expected ?? (await store.lockHead(tx, author));
      if (head === null) throw new HeadMovedError('the chain has no genesis');
      await this.options.admit?.(tx, author.agent);
      return work(new ChainWrite(tx, author, { store, head }));
    });
  }

  /** Actions of a chain in order, each with its entry's stored body. */
  read(place: ChainPlace): Promise<readonly StoredAction[]> {
    return readActions(this.db, place);
  }

  private async commit<Result>(author: ChainAuthor, work: (tx: Sql) => Promise<Result>): Promise<Result> {
    const { beforeCommit } = this.options;
    const hook = beforeCommit === undefined ? {} : { beforeCommit: () => beforeCommit(author.agent) };
    try {
      return await transact(this.db, work, hook);
    } catch (error) {
      if (NO_FORK_CONSTRAINTS.includes(violatedConstraint(error) ?? '')) {
        throw new HeadMovedError('another write took this place on the chain', { cause: error });
      }
      throw error;
    }
  }

  private async writeGenesis(tx: Sql, author: ChainAuthor, genesis: Genesis): Promise<void> {
    const actions = genesisActions(author, genesis);
    const last = actions.at(-1);
    if (last === undefined || !(await this.store.startHead(tx, last))) return;
    await this.store.insert(tx, actions, []);
  }
}
