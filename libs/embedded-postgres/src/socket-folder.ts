import { chmod, chown, lstat, mkdir, mkdtemp, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type DataLayout } from './data-layout.js';
import { type Account } from './launcher.js';

/** Part of the socket's name alone: nothing listens on a port of that number. */
export const SOCKET_PORT = 5432;
const SOCKET = `.s.PGSQL.${SOCKET_PORT}`;
/** `sun_path` of unix(7) has 108 bytes with its NUL; that of macOS 104. */
const LONGEST_PATH = process.platform === 'linux' ? 107 : 103;
const PREFIX = 'musubi-socket-';

interface SocketFolder {
  readonly path: string;
  /** Repeatable. */
  remove(): Promise<void>;
}

/**
 * Makes the folder in which PostgreSQL has its socket, with mode 0700: only we and root can reach the server. It is in
 * the data folder, so that the URL stays the same; where that path is too long for a socket, or its volume takes none,
 * it is a new folder among the temporary files. Call it as the folder's owner.
 */
export async function makeSocketFolder(
  layout: DataLayout,
  account: Account | undefined,
): Promise<SocketFolder> {
  const { sockets, socketsElsewhere } = layout;
  const remove = (): Promise<void> => clearSocketFolder(layout);
  await remove();
  await mkdir(sockets, { mode: 0o700 });
  if (await takesSockets(sockets)) return handOver(sockets, account, remove);
  await rm(sockets, { recursive: true });
  const elsewhere = await mkdtemp(join(shortTemporary(), PREFIX));
  await writeFile(socketsElsewhere, elsewhere);
  return handOver(elsewhere, account, remove);
}

/** Removes also what an earlier server has left: the lock of its socket would stop the next one. Repeatable. */
export async function clearSocketFolder({
  sockets,
  socketsElsewhere,
}: Pick<DataLayout, 'sockets' | 'socketsElsewhere'>): Promise<void> {
  await rm(sockets, { recursive: true, force: true });
  const elsewhere = await readFile(socketsElsewhere, 'utf8').catch(() => '');
  if (basename(elsewhere).startsWith(PREFIX)) await removeElsewhere(elsewhere, socketsElsewhere);
  await rm(socketsElsewhere, { force: true });
}

/**
 * What has that name among the temporary files may be somebody else's by now, such as after a restart of the machine. So only the
 * two files are removed, never a tree, and only from a folder that belongs to nobody else.
 */
async function removeElsewhere(folder: string, ownFile: string): Promise<void> {
  const [found, own] = await Promise.all(
    [folder, dirname(ownFile)].map((path) => lstat(path).catch(() => null)),
  );
  const isOwn = found?.isDirectory() === true && found.uid === own?.uid && (found.mode & 0o077) === 0;
  if (!isOwn) return;
  await removeSockets(folder);
  await rmdir(folder).catch(() => undefined);
}

/** What a server that was killed has left: the pid in the lock may be somebody else's by now. */
export async function removeSockets(folder: string): Promise<void> {
  for (const name of [SOCKET, `${SOCKET}.lock`]) await rm(join(folder, name), { force: true });
}

async function handOver(
  path: string,
  account: Account | undefined,
  remove: () => Promise<void>,
): Promise<SocketFolder> {
  await chmod(path, 0o700);
  if (account) await chown(path, account.uid, account.gid);
  return { path, remove };
}

async function takesSockets(folder: string): Promise<boolean> {
  const path = join(folder, SOCKET);
  if (Buffer.byteLength(path) > LONGEST_PATH) return false;
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once('error', () => {
      resolve(false);
    });
    probe.listen(path, () => {
      probe.close(() => {
        resolve(true);
      });
    });
  });
}

/** TMPDIR may be long itself, as on macOS. */
function shortTemporary(): string {
  const longest = join(tmpdir(), `${PREFIX}XXXXXX`, SOCKET);
  return Buffer.byteLength(longest) > LONGEST_PATH ? '/tmp' : tmpdir();
}
