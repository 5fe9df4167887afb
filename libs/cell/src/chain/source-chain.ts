import { type AgentPubKey, type ChainPlace, HeadMovedError, type SpaceId } from '@musubi/messaging';
import { type Rows, type Sql, commitRows, transact, violatedConstraint } from '@musubi/database';
import { type DataSource } from 'typeorm';
import { isMovedAgent, movedError } from '../home/at-home.js';
import { type SignedAction } from './action.js';
import { AppendQueue } from './append-queue.js';
import { type ChainAppend } from './chain-append.js';
import { type ChainAuthor } from './chain-author.js';
import { type StoredAction, readActions } from './chain.reader.js';
import { ChainWrite } from './chain-write.js';
import { type ChainHead, ChainStore, continuingRows } from './chain.store.js';
import { type Continuation, continueChain, placeAfter } from './continuation.js';
import { type Genesis, genesisActions } from './genesis.js';
import { KnownChains } from './known-chains.js';

/** What a write does when another write moved the head first: fail with HeadMovedError, or rebase. */
export type Ordering = 'strict' | 'relaxed';

/** Either of these rejects a second action at one place of a chain. */
const NO_FORK_CONSTRAINTS = ['action_one_per_seq', 'action_one_per_prev'];

export interface SourceChainsOptions {
  readonly ordering: Ordering;
}

/**
 * All source chains of this node. A chain is one author's in one space, and every transaction writes one
 * chain: what must change together on two chains is exactly what this cannot do.
 */
export class SourceChains {
  private readonly store = new ChainStore();
  private readonly known = new KnownChains(
    (author) => new AppendQueue((batch) => this.commitBatch(author, batch)),
  );

  constructor(
    private readonly db: DataSource,
    private readonly options: SourceChainsOptions,
  ) {}

  head(space: SpaceId, agent: AgentPubKey): Promise<ChainHead | null> {
    return this.store.head(this.db, { space, agent });
  }

  /** Writes the three genesis actions unless the chain has them. */
  async start(author: ChainAuthor, genesis: Genesis): Promise<void> {
    const known = this.known.of(author);
    known.head ??= await this.store.head(this.db, author);
    if (known.head !== null) return;
    await this.commit((tx) => this.writeGenesis(tx, author, genesis));
    known.head = await this.store.head(this.db, author);
  }

  /**
   * Appends to the author's chain. Under relaxed ordering simultaneous appends share a transaction, which is one
   * statement on the head as this process last saw it; when another process has moved it, or there is more to the
   * transaction than rows, it is a `write`.
   * @throws HeadMovedError under strict ordering
   */
  append(author: ChainAuthor, append: ChainAppend): Promise<readonly SignedAction[]> {
    return this.options.ordering === 'strict' || append.within !== undefined
      ? this.appendAlone(author, append)
      : this.known.of(author).queue.append(append);
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
    const [result, head] = await this.commit(async (tx) => {
      const from = expected ?? (await store.lockHead(tx, author));
      if (from === null) throw new HeadMovedError('the chain has no genesis');
      const write = new ChainWrite(tx, author, from);
      return [await work(write), write.head] as const;
    });
    this.known.of(author).head = head;
    return result;
  }

  /** Actions of a chain in order, each with its entry's stored body. */
  read(place: ChainPlace): Promise<readonly StoredAction[]> {
    return readActions(this.db, place);
  }

  private appendAlone(author: ChainAuthor, append: ChainAppend): Promise<readonly SignedAction[]> {
    const { drafts, at, rows, within } = append;
    return this.write(author, async (write) => {
      const actions = await write.append(drafts, at, rows(write.place(drafts.length)));
      await within?.(write.tx);
      return actions;
    });
  }

  /** All of them in one statement. @throws HeadMovedError, for a batch of several, when the head has moved */
  private async commitBatch(
    author: ChainAuthor,
    batch: readonly ChainAppend[],
  ): Promise<readonly (readonly SignedAction[])[]> {
    const known = this.known.of(author);
    const from = (known.head ??= await this.store.head(this.db, author));
    if (from === null) throw new HeadMovedError('the chain has no genesis');
    const written = continueInOrder(author, from, batch);
    known.head = null;
    try {
      await this.unforked(() => commitRows(this.db, written.rows));
    } catch (error) {
      const [only, ...others] = batch;
      if (!(error instanceof HeadMovedError) || only === undefined || others.length > 0) throw error;
      return [await this.appendAlone(author, only)];
    }
    known.head = written.head;
    return written.actions;
  }

  private commit<Result>(work: (tx: Sql) => Promise<Result>): Promise<Result> {
    return this.unforked(() => transact(this.db, work));
  }

  private async unforked<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (NO_FORK_CONSTRAINTS.includes(violatedConstraint(error) ?? '')) {
        throw new HeadMovedError('another write took this place on the chain', { cause: error });
      }
      if (isMovedAgent(error)) throw movedError(error);
      throw error;
    }
  }

  private async writeGenesis(tx: Sql, author: ChainAuthor, genesis: Genesis): Promise<void> {
    const actions = genesisActions(author, genesis);
    const last = actions.at(-1);
    if (last === undefined || !(await this.store.startHead(tx, last))) return;
    await this.store.insert(tx, actions);
  }
}

interface Batch {
  readonly rows: readonly Rows[];
  readonly actions: readonly (readonly SignedAction[])[];
  readonly head: ChainHead;
}

/** Appends one after the other: each continues the one before, and the head moves once. */
function continueInOrder(author: ChainAuthor, from: ChainHead, batch: readonly ChainAppend[]): Batch {
  const rows: Rows[] = [];
  const written: Continuation[] = [];
  let head = from;
  for (const append of batch) {
    rows.push(...append.rows(placeAfter(author, head, append.drafts.length)));
    const continuation = continueChain(author, head, append);
    written.push(continuation);
    head = continuation.head;
  }
  const actions = written.map((continuation) => continuation.actions);
  const entries = written.flatMap((continuation) => continuation.entries);
  return { rows: [...rows, ...continuingRows({ from, actions: actions.flat(), entries })], actions, head };
}
