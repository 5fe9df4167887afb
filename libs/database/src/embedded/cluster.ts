import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, chown, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type DataLayout } from './data-layout.js';
import { EmbeddedPostgresError, EmbeddedPostgresUnavailableError } from './embedded-postgres.errors.js';
import { hasCode, messageOf } from './error-code.js';
import { type Launcher } from './launcher.js';

const run = promisify(execFile);

export const ROLE = 'musubi';
export const DATABASE = 'postgres';

/** Byte order and Unicode case rules from PostgreSQL's own tables, so that no locale of the machine matters. */
const LOCALE = ['--encoding=UTF8', '--no-locale', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];

/**
 * Makes the cluster unless it exists, and returns the password of its role. TCP on 127.0.0.1 is open to every local
 * user, so a secret of 256 bits guards it, and it lies in a file that only the owner can read.
 *
 * @throws EmbeddedPostgresUnavailableError when initdb fails
 * @throws EmbeddedPostgresError when the cluster is there and its password is not
 */
export async function ensureCluster(layout: DataLayout, launcher: Launcher, initdb: string): Promise<string> {
  if (await exists(layout.pgdata)) return readPassword(layout);
  const password = randomBytes(32).toString('hex');
  await writeSecret(layout.password, password, launcher);
  await initialise(layout, launcher, initdb);
  return password;
}

/** A new name first: an initdb that was killed leaves a half-made folder, which must not be taken for a cluster. */
async function initialise(layout: DataLayout, launcher: Launcher, initdb: string): Promise<void> {
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
  ];
  const [file = initdb, ...words] = [...launcher.prefix, initdb, ...options, ...LOCALE];
  try {
    await run(file, words, { env: launcher.env, cwd: layout.root, ...launcher.account });
  } catch (cause) {
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
