import { readFile, writeFile } from 'node:fs/promises';
import { GENERATORS, formatTrace, parseTrace, type Workload, UsageError } from '@musubi/lab';
import { SeededRandom } from '@musubi/observers';
import { type CompareArguments } from './arguments.js';

/** The workload that was asked for, made or read. @throws UsageError */
export async function workloadFor(asked: CompareArguments): Promise<Workload> {
  const { workload, trace, compress, agents, messages, seed } = asked;
  if (trace === undefined) return GENERATORS[workload]({ agents, messages }, new SeededRandom(seed));
  try {
    return parseTrace(await readFile(trace, 'utf8'), compress);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`The trace ${trace} cannot be read.`);
  }
}

/** Writes a workload so that it can be read again as a trace. @throws UsageError */
export async function writeTrace(path: string, workload: Workload): Promise<void> {
  const text = formatTrace(workload);
  try {
    await writeFile(path, text);
  } catch {
    throw new UsageError(`The trace ${path} cannot be written.`);
  }
}
