import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
import { DataDirectoryInUseError, makeFolder, removeDataFolder } from '@musubi/embedded-postgres';
import { LAB_FOLDER, temporaryOf } from '../node/lab-folder.js';
import { type Assignment, type ComparisonProgress, type Failure, STOP, reportedSchema } from './messages.js';

/** How a comparison ended. */
export type Outcome =
  | { readonly kind: 'finished' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly failure: Failure };

interface ComparisonOptions extends Assignment {
  readonly onProgress: (progress: ComparisonProgress) => void;
  /** After which it is stopped, and has failed. */
  readonly limitMs: number;
}

export interface ComparisonProcess {
  /** Resolves when the process is gone, and its database with all it wrote but the reports. */
  readonly ended: Promise<Outcome>;
  /** Asks it to end, and makes it end when it has not within so many milliseconds (10 s when absent). Repeatable. */
  stop(withinMs?: number): Promise<Outcome>;
}

/** Before a process that was asked to end is killed. */
const STOP_DEADLINE_MS = 10_000;
/** All that it is to know of the environment: no secret, and no other database. */
const ENVIRONMENT = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'TZ', 'NODE_OPTIONS'];
/** Built, it is `child.js`; from the sources, `child.ts`. */
const CHILD = new URL(`./child${extname(import.meta.url)}`, import.meta.url);

/** Starts a comparison in a process of its own, with a database of its own under `folder`. */
export async function startComparison(options: ComparisonOptions): Promise<ComparisonProcess> {
  const { order, folder, onProgress, limitMs } = options;
  await makeFolder(temporaryOf(folder));
  const child = fork(fileURLToPath(CHILD), [JSON.stringify({ order, folder } satisfies Assignment)], {
    env: environmentFrom(process.env),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const following = new Following(child, onProgress);
  const limit = setTimeout(() => {
    following.stop(STOP_DEADLINE_MS, {
      code: 'time-limit',
      message: `It took longer than ${limitMs / 1000} s.`,
    });
  }, limitMs);
  const ended = following.ended.finally(() => {
    clearTimeout(limit);
  });
  const cleared = ended.then(async (outcome) => {
    await clearTemporary(folder);
    return outcome;
  });
  return {
    ended: cleared,
    stop: (withinMs = STOP_DEADLINE_MS) => {
      following.stop(withinMs);
      return cleared;
    },
  };
}

/**
 * Removes what a process that was killed has left in the folder of its comparison, and stops its PostgreSQL. One that is
 * still ending, its service gone, does so by itself.
 */
export async function clearTemporary(folder: string): Promise<void> {
  const temporary = temporaryOf(folder);
  const names = await readdir(temporary).catch(() => []);
  try {
    for (const name of names.filter((each) => each.startsWith(LAB_FOLDER)))
      await removeDataFolder(join(temporary, name));
    await rm(temporary, { recursive: true, force: true });
  } catch (error) {
    if (!(error instanceof DataDirectoryInUseError || isGone(error))) throw error;
  }
}

function isGone(error: unknown): boolean {
  return types.isNativeError(error) && 'code' in error && error.code === 'ENOENT';
}

/** What a comparison gets of an environment. */
export function environmentFrom(given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(given).filter(([name]) => ENVIRONMENT.includes(name)));
}

/** Hears what a process says, and knows in the end how it ended. */
class Following {
  readonly ended: Promise<Outcome>;
  private said: Outcome | undefined;
  private asked: Outcome | undefined;
  private overdue: NodeJS.Timeout | undefined;

  constructor(
    private readonly child: ChildProcess,
    onProgress: ComparisonOptions['onProgress'],
  ) {
    child.on('message', (message) => {
      const { data: reported } = reportedSchema.safeParse(message);
      if (reported?.kind === 'progress') onProgress(reported.progress);
      else if (reported !== undefined) this.said = reported;
    });
    this.ended = this.end();
  }

  /** @param failure why, when nobody asked for it */
  stop(withinMs: number, failure?: Failure): void {
    if (this.asked !== undefined) return;
    this.asked = failure === undefined ? { kind: 'stopped' } : { kind: 'failed', failure };
    if (this.child.connected) this.child.send(STOP, () => undefined);
    this.overdue = setTimeout(() => this.child.kill('SIGKILL'), withinMs);
  }

  private async end(): Promise<Outcome> {
    // Both, since what it said last may be read after its end.
    const gone = Promise.all([once(this.child, 'exit'), once(this.child, 'disconnect')]);
    try {
      await gone;
    } catch (error) {
      return { kind: 'failed', failure: { code: 'process-ended', message: String(error) } };
    } finally {
      clearTimeout(this.overdue);
    }
    // What was finished before it heard that it should stop is finished.
    if (this.said?.kind === 'finished') return this.said;
    return this.asked ?? this.said ?? { kind: 'failed', failure: this.unsaid() };
  }

  private unsaid(): Failure {
    const { exitCode, signalCode } = this.child;
    const how = signalCode ?? `code ${exitCode}`;
    return { code: 'process-ended', message: `The process that compared ended with ${how}.` };
  }
}
