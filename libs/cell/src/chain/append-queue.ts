import { type SignedAction } from './action.js';
import { type ChainAppend } from './chain-append.js';

/** How many appends one transaction takes at most: enough to hide its cost, few enough to sign without a pause. */
const LARGEST_BATCH = 64;

interface Waiting {
  readonly append: ChainAppend;
  readonly resolve: (actions: readonly SignedAction[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Appends of a batch, in order. @returns the actions of each */
type CommitBatch = (batch: readonly ChainAppend[]) => Promise<readonly (readonly SignedAction[])[]>;

/**
 * Simultaneous appends to one chain: while one transaction is under way those that come wait, and go together in
 * the next. An append that cannot be committed fails alone: its batch is taken apart.
 */
export class AppendQueue {
  private readonly waiting: Waiting[] = [];
  private isRunning = false;

  constructor(private readonly commit: CommitBatch) {}

  get isIdle(): boolean {
    return !this.isRunning;
  }

  append(append: ChainAppend): Promise<readonly SignedAction[]> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ append, resolve, reject });
      if (!this.isRunning) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    while (this.waiting.length > 0) await this.commitAll(this.waiting.splice(0, LARGEST_BATCH));
    this.isRunning = false;
  }

  /** Never rejects. */
  private async commitAll(batch: readonly Waiting[]): Promise<void> {
    try {
      const written = await this.commit(batch.map(({ append }) => append));
      for (const [index, { resolve }] of batch.entries()) resolve(written[index] ?? []);
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error);
      else for (const one of batch) await this.commitAll([one]);
    }
  }
}
