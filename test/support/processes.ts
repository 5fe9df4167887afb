import { readdir, readFile } from 'node:fs/promises';

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
