import { randomBytes } from 'node:crypto';
import { access, chown, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hasCode, messageOf } from '@musubi/database';
import { type DataLayout } from './data-layout.js';
import { EmbeddedPostgresError, EmbeddedPostgresUnavailableError } from './embedded-postgres.errors.js';
import { type Launcher } from './launcher.js';
import { runProgram } from './run-program.js';

export const ROLE = 'musubi';
export const DATABASE = 'postgres';

/** Byte order and Unicode case rules from PostgreSQL's own tables, so that no locale of the machine matters. */
const LOCALE = ['--encoding=UTF8', '--no-locale', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];

/** The program, and how to run it. */
interface Initdb extends Launcher {
  readonly initdb: string;
  readonly lockFd: number | undefined;
  readonly isDurable: boolean;
}

/**
 * Makes the cluster unless it exists, and returns the password of its role: 256 bits, in a file that only the owner can
 * read. Nobody else reaches the socket either. The password stays since a peer's name cannot be trusted where the server
 * runs in a user namespace: it sees every account that it does not map as nobody, the name it runs as itself.
 *
 * @throws EmbeddedPostgresUnavailableError when initdb fails
 * @throws EmbeddedPostgresError when the cluster is there and its password is not
 * @throws what `signal` was aborted with
 */
export async function ensureCluster(
  layout: DataLayout,
  launcher: Initdb,
  signal: AbortSignal,
): Promise<string> {
  if (await exists(layout.pgdata)) return readPassword(layout);
  const password = randomBytes(32).toString('hex');
  await writeSecret(layout.password, password, launcher);
  await initialise(layout, launcher, signal);
  return password;
}

/** A new name first: an initdb that was killed leaves a half-made folder, which must not be taken for a cluster. */
async function initialise(
  layout: DataLayout,
  { prefix, env, account, initdb, lockFd, isDurable }: Initdb,
  signal: AbortSignal,
): Promise<void> {
  const draft = `${layout.pgdata}.new`;
  await rm(draft, { recursive: true, force: true });
  const options = [
    '-D',
    draft,
    '-U',
    ROLE,
    '--pwfile',
    layout.password,
    '--auth=scram-sha-256',
    '--no-instructions',
    ...(isDurable ? [] : ['--no-sync']),
  ];
  const words = [...prefix, initdb, ...options, ...LOCALE];
  try {
    await runProgram({ words, env, cwd: layout.root, account, lockFd }, signal);
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    signal.throwIfAborted();
    throw new EmbeddedPostgresUnavailableError(
      `The embedded PostgreSQL cannot make its cluster here (${messageOf(cause)}).`,
      { cause },
    );
  }
  await rename(draft, layout.pgdata);
}

async function writeSecret(path: string, secret: string, { account }: Launcher): Promise<void> {
  await rm(path, { force: true });
  await writeFile(path, `${secret}\n`, { mode: 0o600, flag: 'wx' });
  if (account) await chown(path, account.uid, account.gid);
}

async function readPassword({ password, root }: DataLayout): Promise<string> {
  try {
    return (await readFile(password, 'utf8')).trim();
  } catch (cause) {
    if (!hasCode(cause, 'ENOENT')) throw cause;
    const message = `The cluster in ${root} is there but the file ${password} with its password is not. Restore that file.`;
    throw new EmbeddedPostgresError(message, { cause });
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
