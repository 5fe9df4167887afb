import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

export interface FoundProcess {
  readonly pid: number;
  readonly commandLine: string;
}

/** The processes, also of other users and containers, whose command lines name all of this; the eldest first. */
export async function processesNaming(...words: readonly string[]): Promise<readonly FoundProcess[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0 && pid !== process.pid);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return { pid, commandLine: line.replaceAll('\0', ' ') };
    }),
  );
  return found
    .filter(({ commandLine }) => words.every((word) => commandLine.includes(word)))
    .toSorted((one, other) => one.pid - other.pid);
}

/** The processes that this one started and that have not ended, the eldest first. */
export async function childrenOf(parent: number): Promise<readonly number[]> {
  const asking = promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=']);
  const { stdout } = await asking;
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([pid = 0, ppid]) => (ppid === parent && pid !== asking.child.pid ? [pid] : []))
    .toSorted((one, other) => one - other);
}
