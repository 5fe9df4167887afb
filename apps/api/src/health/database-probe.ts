import { sqlStateOf, transact } from '@musubi/database';
import { Inject, Injectable } from '@nestjs/common';
import { type ServiceNode } from '../node/service-node.js';
import { DISK_FULL } from '../node/database.js';
import { NODE } from '../node/tokens.js';

/** However many ask, the database is asked once in this time, in milliseconds. */
const EVERY_MS = 1000;
/** How long it may take to answer, in milliseconds: with the above, silence is told of within three seconds. */
const PATIENCE_MS = 1900;

/**
 * Needs what any write needs, a place on the disk and a server that takes writes, and leaves nothing: a temporary table
 * that is rolled back.
 */
const WRITE = [
  'create temporary table musubi_probe (filler text)',
  "insert into musubi_probe values ('probe')",
];

const READY = 'ready';

class RolledBack extends Error {}

/** Whether the database takes writes: found out at most once a second, and only when somebody asks. */
@Injectable()
export class DatabaseProbe {
  private begunAt = -Infinity;
  private underway: Promise<void> | null = null;
  private standing = READY;

  constructor(@Inject(NODE) private readonly node: Pick<ServiceNode, 'db' | 'hasRoom' | 'log'>) {}

  /** Answers within {@link PATIENCE_MS}. Asks for no write where there is no room for it. */
  async ask(): Promise<boolean> {
    if (!this.node.hasRoom()) {
      this.note(DISK_FULL);
      return false;
    }
    if (this.underway === null && performance.now() - this.begunAt >= EVERY_MS) this.begin();
    if (this.underway === null) return this.standing === READY;
    let cancel = (): void => undefined;
    const late = new Promise<'late'>((resolve) => {
      const timer = setTimeout(resolve, this.begunAt + PATIENCE_MS - performance.now(), 'late');
      cancel = () => {
        clearTimeout(timer);
      };
    });
    const first = await Promise.race([this.underway, late]);
    cancel();
    if (first === 'late') this.note('silent');
    return this.standing === READY;
  }

  private begin(): void {
    this.begunAt = performance.now();
    this.underway = this.write()
      .then(
        () => {
          this.note(READY);
        },
        (error: unknown) => {
          const state = sqlStateOf(error) ?? 'unreachable';
          // Whose role may make no temporary tables is answered nonetheless.
          this.note(state.startsWith('42') ? READY : state);
        },
      )
      .finally(() => (this.underway = null));
  }

  private async write(): Promise<void> {
    try {
      await transact(
        this.node.db,
        async (tx) => {
          for (const statement of WRITE) await tx.query(statement);
          throw new RolledBack();
        },
        { attempts: 1 },
      );
    } catch (error) {
      if (!(error instanceof RolledBack)) throw error;
    }
  }

  /** Logs changes alone. @param standing `ready`, or why not: an SQLSTATE where there is one */
  private note(standing: string): void {
    if (standing === this.standing) return;
    this.standing = standing;
    if (standing === READY) this.node.log.warn('database-ready');
    else this.node.log.warn('database-not-ready', { reason: standing });
  }
}
