// Another user of the machine, who tries all the time to get at a server and its secret; SIGINT: says what it got.
import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { say } from './say.js';

const [dataDir = '', name = ''] = process.argv.slice(2);
const got = new Set<string>();
let rounds = 0;
const over = new AbortController();
process.once('SIGINT', () => {
  over.abort();
});

/** Whatever the promise yields is something that a stranger should not have. */
async function attempt(what: string, deed: Promise<unknown>): Promise<void> {
  await deed.then(
    () => got.add(what),
    () => undefined,
  );
}

function reach(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve();
    }).on('error', reject);
  });
}

/** Paths of sockets are readable by all, wherever they are. */
async function sockets(): Promise<readonly string[]> {
  const lines = (await readFile('/proc/net/unix', 'utf8')).split('\n');
  const paths = lines.map((line) => line.split(' ').at(-1) ?? '');
  return paths.filter((path) => path.includes(name) || path.includes('musubi-socket-'));
}

async function processes(): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter(
    (entry) => /^\d+$/.test(entry) && entry !== String(process.pid),
  );
  const belongs = async (pid: string): Promise<boolean> => {
    const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    const isServer = words.includes(name) && !words.includes('stranger');
    if (isServer && /[0-9a-f]{64}/.test(words)) got.add('the password, on a command line');
    return isServer;
  };
  const found = await Promise.all(pids.map(async (pid) => ((await belongs(pid)) ? [pid] : [])));
  return found.flat();
}

say({ ready: true });
while (!over.signal.aborted) {
  rounds += 1;
  for (const path of await sockets()) await attempt(`the socket ${path}`, reach(path));
  await attempt('the socket', reach(join(dataDir, 'socket', '.s.PGSQL.5432')));
  await attempt('the list of the folder', readdir(dataDir));
  await attempt('the password', readFile(join(dataDir, 'password')));
  for (const pid of await processes()) await attempt('the environment', readFile(`/proc/${pid}/environ`));
}
say({ got: [...got], rounds });
