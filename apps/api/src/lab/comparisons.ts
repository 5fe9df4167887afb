import { DataDirectoryInUseError, type OwnerLock } from '@musubi/embedded-postgres';
import {
  type ComparisonOrder,
  type ComparisonProcess,
  type ComparisonProgress,
  type Failure,
  type Outcome,
  clearTemporary,
  startComparison,
  variantsOf,
} from '@musubi/lab/service';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { type Logger } from 'pino';
import { LOGGER } from '../node/tokens.js';
import { ApiError } from '../problem/api-error.js';
import { MeasuredCards } from './measured-cards.js';
import { ComparisonStore } from './comparison.store.js';
import {
  type ComparisonItem,
  type ComparisonPage,
  type ComparisonPageQuery,
  type ComparisonRecord,
} from './comparisons.schemas.js';

const LIMIT_MS = 15 * 60_000;
/** How long one that runs may take to end when the service does. */
const CLOSING_MS = 1000;
const INTERRUPTED: Failure = { code: 'interrupted', message: 'The service ended before the comparison did.' };

interface Current {
  readonly id: string;
  progress: ComparisonProgress | null;
  /** What it is when it was stopped, rather than at its own end. */
  stoppedAs: Pick<ComparisonRecord, 'status' | 'failure'>;
  starting?: Promise<ComparisonItem>;
  process?: ComparisonProcess;
  /** Resolves when it is over and noted. */
  over?: Promise<void>;
}

/** Runs comparisons of the lab, one at a time, each in a process of its own. */
@Injectable()
export class Comparisons implements OnModuleInit, OnApplicationShutdown {
  private current: Current | undefined;

  constructor(
    private readonly store: ComparisonStore,
    private readonly cards: MeasuredCards,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** What was running when a service died is over. */
  async onModuleInit(): Promise<void> {
    if ((await this.store.ids()).length === 0) return;
    const lock = await this.lock();
    if (lock === null) return;
    await this.whenIdle();
    await lock.release();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.stop({ status: 'failed', failure: INTERRUPTED }, CLOSING_MS);
  }

  /** @throws ApiError `comparison-running` */
  async start(order: ComparisonOrder): Promise<ComparisonItem> {
    if (this.current !== undefined) throw isRunning(this.current.id);
    const now = new Date();
    const id = ComparisonStore.newId(now);
    const current: Current = { id, progress: null, stoppedAs: { status: 'cancelled', failure: null } };
    this.current = current;
    try {
      const { strategies, ...asked } = { ...order, variants: variantsOf(order).map(({ name }) => name) };
      const record = { id, startedAt: now.toISOString(), endedAt: null, asked, failure: null };
      current.starting = this.begin(current, { ...record, status: 'running' });
      return await current.starting;
    } catch (error) {
      this.current = undefined;
      throw error;
    }
  }

  /** Ends a comparison that runs here; one that is over stays as it is. @throws ApiError */
  async cancel(id: string): Promise<void> {
    const { status } = await this.find(id);
    if (this.current?.id === id) await this.stop({ status: 'cancelled', failure: null });
    else if (status === 'running') throw isRunning(id, 'Ask the process that runs it.');
  }

  /** @throws ApiError `not-found` */
  async find(id: string): Promise<ComparisonItem> {
    const item = await this.look(id);
    if (item === null) throw new ApiError('not-found', 'There is no such comparison.');
    return item;
  }

  /** The latest first. */
  async list({ after, limit }: ComparisonPageQuery): Promise<ComparisonPage> {
    const ids = await this.store.ids(after);
    const page = ids.slice(0, limit);
    const items = (await Promise.all(page.map((id) => this.look(id)))).filter((item) => item !== null);
    return { items, next: ids.length > limit ? (page.at(-1) ?? null) : null, prev: null };
  }

  /** One that runs here is running until its end is noted, its card made, and another may begin. */
  private async look(id: string): Promise<ComparisonItem | null> {
    const record = await this.store.find(id);
    if (record === null) return null;
    if (this.current?.id === id) {
      return { ...record, status: 'running', endedAt: null, failure: null, progress: this.current.progress };
    }
    return { ...record, ...((await this.isDead(record)) ? OVER : {}), progress: null };
  }

  private async begin(current: Current, record: ComparisonRecord): Promise<ComparisonItem> {
    const lock = await this.lock();
    if (lock === null) throw isRunning(await this.runningElsewhere());
    try {
      await this.whenIdle();
      await this.store.removeOldest(() => this.cards.sourcesIn(this.store));
      await this.store.write(record);
      current.process = await startComparison({
        order: record.asked,
        folder: this.store.folderOf(record.id),
        limitMs: LIMIT_MS,
        onProgress: (progress) => {
          current.progress = progress;
        },
      });
    } catch (error) {
      await lock.release();
      throw error;
    }
    current.over = this.seeOut(current, record, lock);
    return { ...record, progress: null };
  }

  /** Follows a comparison to its end, and notes that. What goes wrong in this is logged: nobody waits for it. */
  private async seeOut(current: Current, record: ComparisonRecord, lock: OwnerLock): Promise<void> {
    try {
      const outcome = await current.process?.ended;
      await this.store.write({ ...record, ...endOf(outcome, current), endedAt: new Date().toISOString() });
      if (outcome?.kind === 'finished') await this.cards.takeFrom(this.store, record.id);
    } catch (error) {
      this.logger.error({ comparison: record.id, error: String(error) }, 'comparison-not-noted');
    } finally {
      await lock.release().catch(() => undefined);
      this.current = undefined;
    }
  }

  private async stop(stoppedAs: Current['stoppedAs'], withinMs?: number): Promise<void> {
    const { current } = this;
    if (current === undefined) return;
    current.stoppedAs = stoppedAs;
    await current.starting?.catch(() => undefined);
    await current.process?.stop(withinMs);
    await current.over;
  }

  private async lock(): Promise<OwnerLock | null> {
    try {
      return await this.store.lock();
    } catch (error) {
      if (error instanceof DataDirectoryInUseError) return null;
      throw error;
    }
  }

  /** A process that holds the lock and runs nothing knows that nothing runs. */
  private async whenIdle(): Promise<void> {
    for (const id of await this.store.ids()) {
      const record = await this.store.find(id);
      if (record?.status !== 'running') continue;
      await clearTemporary(this.store.folderOf(id));
      await this.store.write({ ...record, ...OVER });
    }
  }

  private async isDead({ status }: ComparisonRecord): Promise<boolean> {
    return status === 'running' && !(await this.store.isLocked());
  }

  private async runningElsewhere(): Promise<string> {
    for (const id of await this.store.ids()) if ((await this.store.find(id))?.status === 'running') return id;
    return 'of another process';
  }
}

const OVER = { status: 'failed', failure: INTERRUPTED } as const;

function endOf(outcome: Outcome | undefined, { stoppedAs }: Current): Current['stoppedAs'] {
  if (outcome?.kind === 'failed') return { status: 'failed', failure: outcome.failure };
  return outcome?.kind === 'finished' ? { status: 'finished', failure: null } : stoppedAs;
}

function isRunning(id: string, advice = 'One runs at a time: wait for its end, or cancel it.'): ApiError {
  return new ApiError('comparison-running', `The comparison ${id} is running. ${advice}`);
}
