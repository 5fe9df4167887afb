import { execFile } from 'node:child_process';
import { chown, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '@musubi/database';
import { type Binaries } from './binaries.js';
import { type DataLayout } from './data-layout.js';
import { EmbeddedPostgresUnavailableError } from './embedded-postgres.errors.js';

const run = promisify(execFile);

/** `nobody`, by number, as some systems lack the name. */
const NOBODY = 65534;
const UNSHARE = ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`];
/** SIGINT is PostgreSQL's fast shutdown; it comes from the kernel when the launching process is gone, however it went. */
const DIE_WITH_PARENT = ['setpriv', '--pdeathsig', 'INT'];

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** How to run PostgreSQL's programs, which refuse to run as root. */
export interface Launcher {
  /** Words before the program's own; each of them executes the next in the same process. */
  readonly prefix: readonly string[];
  /** Whom to run as, if not as ourselves. */
  readonly account?: Account;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Picks the first way of running PostgreSQL that works here, by trying each. As root: in a user namespace where we are
 * called nobody and keep our files; else as another account, to which the data folder is given.
 *
 * @throws EmbeddedPostgresUnavailableError when none works
 */
export async function chooseLauncher(
  binaries: Binaries,
  layout: DataLayout,
  libraryEnv: Record<string, string>,
): Promise<Launcher> {
  // Nothing else is inherited: PGPORT, PGDATA or a locale of the shell would change what the server does.
  const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', ...libraryEnv };
  let refusal: unknown;
  for (const candidate of await candidates(layout)) {
    const launcher = { ...candidate, env };
    try {
      await tryOut(launcher, binaries, layout);
      return launcher;
    } catch (error) {
      refusal = error;
    }
  }
  throw new EmbeddedPostgresUnavailableError(
    `The embedded PostgreSQL does not run here (${messageOf(refusal)}).`,
    { cause: refusal },
  );
}

type Candidate = Omit<Launcher, 'env'>;

async function candidates(layout: DataLayout): Promise<Candidate[]> {
  const ways = process.getuid?.() === 0 ? await waysForRoot(layout) : [{ prefix: [] }];
  const mortal = process.platform === 'linux' ? ways.map(dyingWithParent) : [];
  return [...mortal, ...ways];
}

function dyingWithParent(way: Candidate): Candidate {
  return { ...way, prefix: [...way.prefix, ...DIE_WITH_PARENT] };
}

/** PostgreSQL insists on owning its cluster, so one that exists already decides. */
async function waysForRoot(layout: DataLayout): Promise<Candidate[]> {
  const owner = await ownerOf(layout.pgdata);
  const inNamespace: Candidate = { prefix: UNSHARE };
  if (owner === undefined) return [inNamespace, { prefix: [], account: await nearestAccount(layout.root) }];
  return owner.uid === 0 ? [inNamespace] : [{ prefix: [], account: owner }];
}

/** Under sudo in someone's private home, only that someone can reach the folder. */
async function nearestAccount(path: string): Promise<Account> {
  const owner = await ownerOf(path);
  if (owner !== undefined && owner.uid !== 0) return owner;
  const parent = dirname(path);
  return parent === path ? { uid: NOBODY, gid: NOBODY } : nearestAccount(parent);
}

async function ownerOf(path: string): Promise<Account | undefined> {
  return stat(path).then(
    ({ uid, gid }) => ({ uid, gid }),
    () => undefined,
  );
}

/** Proves that the program is found, fits this system, and that the data folder can be entered. */
async function tryOut(launcher: Launcher, { postgres }: Binaries, { root }: DataLayout): Promise<void> {
  const { prefix, account, env } = launcher;
  const owner = await stat(root);
  if (account) await chown(root, account.uid, account.gid);
  const script = ['sh', '-c', 'cd "$1" && test -w . && exec "$2" --version', 'sh', root, postgres];
  const [file = 'sh', ...words] = [...prefix, ...script];
  try {
    await run(file, words, { env, cwd: '/', ...account });
  } catch (error) {
    // The next way may not need another account, and could not enter a folder that is another's.
    if (account) await chown(root, owner.uid, owner.gid);
    throw error;
  }
}
