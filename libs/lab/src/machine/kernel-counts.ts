import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What the kernel has counted by now, of the machine and of one process with all that descend from it. */
export interface KernelCounts {
  readonly cores: number;
  /** Of all cores: without work, or waiting for a disk. ms */
  readonly idleMs: number;
  /** Interrupts, and the kernel's own threads: they work for everybody, and nobody can tell for whom. ms */
  readonly kernelMs: number;
  /** What the hypervisor gave to other machines. ms */
  readonly stolenMs: number;
  /** CPU time of the processes of the tree, and of all that they have waited for. ms */
  readonly ownMs: number;
  /** How long threads of the tree that still live stood ready without a core; `null` where it is not counted. ms */
  readonly runDelayMs: number | null;
  /** What the tree had written to disks; `null` where not all of it may be read. */
  readonly writtenBytes: number | null;
}

/** proc(5): times are in ticks of USER_HZ, which is 100 on every platform that Node runs on. */
const TICK_MS = 10;
/** `kthreadd`, from which the kernel's own threads descend. */
const KERNEL = 2;

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly ownTicks: number;
  /** Of children that ended and were waited for. */
  readonly endedTicks: number;
}

/** @returns `null` on a system without `/proc` */
export function readKernelCounts(root: number, proc = '/proc'): KernelCounts | null {
  const machine = machineTimes(textOf(proc, 'stat'));
  const processes = allProcesses(proc);
  const tree = descendantsOf(root, processes);
  if (machine === null || tree.length === 0) return null;
  const threads = tree.map((process) => threadTimes(proc, process));
  const kernel = processes.filter(({ pid, parent }) => pid === KERNEL || parent === KERNEL);
  return {
    cores: machine.cores,
    idleMs: machine.idleMs,
    stolenMs: machine.stolenMs,
    kernelMs: machine.interruptsMs + sum(kernel.map((process) => threadTimes(proc, process).ranMs)),
    ownMs: sum(threads.map(({ ranMs }) => ranMs)) + TICK_MS * sum(tree.map(({ endedTicks }) => endedTicks)),
    runDelayMs: sumOrNull(threads.map(({ delayedMs }) => delayedMs)),
    writtenBytes: sumOrNull(tree.map(({ pid }) => writtenBy(proc, pid))),
  };
}

/** Columns of the line `cpu`, by proc(5). */
const [IDLE, IO_WAIT, INTERRUPTS, SOFT_INTERRUPTS, STOLEN] = [4, 5, 6, 7, 8];

interface MachineTimes extends Pick<KernelCounts, 'cores' | 'idleMs' | 'stolenMs'> {
  readonly interruptsMs: number;
}

/** Idle time is exact where ticks stop on an idle core; that of user and system is sampled at ticks, and is not used. */
function machineTimes(stat: string | null): MachineTimes | null {
  const lines = stat?.split('\n') ?? [];
  const all = lines.find((line) => line.startsWith('cpu '));
  if (all === undefined) return null;
  const ticks = all.split(/\s+/).map(Number);
  const msOf = (...columns: readonly number[]): number =>
    TICK_MS * columns.reduce((sum, column) => sum + (ticks[column] ?? 0), 0);
  return {
    cores: lines.filter((line) => /^cpu\d/.test(line)).length,
    idleMs: msOf(IDLE, IO_WAIT),
    interruptsMs: msOf(INTERRUPTS, SOFT_INTERRUPTS),
    stolenMs: msOf(STOLEN),
  };
}

function allProcesses(proc: string): readonly Process[] {
  return namesIn(proc).flatMap((name) => {
    const pid = Number(name);
    return Number.isInteger(pid) ? processOf(pid, textOf(proc, name, 'stat')) : [];
  });
}

/** The second field is the program's name in brackets and may hold blanks; proc(5) counts from 1. */
function processOf(pid: number, stat: string | null): readonly Process[] {
  if (stat === null) return [];
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  const [parent, ownTicks, endedTicks] = [field(4), field(14) + field(15), field(16) + field(17)];
  return Number.isFinite(parent + ownTicks + endedTicks) ? [{ pid, parent, ownTicks, endedTicks }] : [];
}

function descendantsOf(root: number, processes: readonly Process[]): readonly Process[] {
  const found = processes.filter(({ pid }) => pid === root);
  const known = new Set(found.map(({ pid }) => pid));
  for (let before = -1; before < found.length;) {
    before = found.length;
    for (const process of processes) {
      if (known.has(process.pid) || !known.has(process.parent)) continue;
      known.add(process.pid);
      found.push(process);
    }
  }
  return found;
}

/** In ns from the scheduler where it tells, which rounds nothing; else in ticks. */
function threadTimes(
  proc: string,
  { pid, ownTicks }: Process,
): { readonly ranMs: number; readonly delayedMs: number | null } {
  const threads = namesIn(proc, String(pid), 'task').map((thread) =>
    textOf(proc, String(pid), 'task', thread, 'schedstat')?.split(' ').map(Number),
  );
  const known = threads.filter((times) => times !== undefined);
  if (known.length === 0) return { ranMs: TICK_MS * ownTicks, delayedMs: null };
  return {
    ranMs: sum(known.map(([ran = 0]) => ran)) / 1e6,
    delayedMs: sum(known.map(([, delayed = 0]) => delayed)) / 1e6,
  };
}

/** What it and those that it has waited for wrote, less what was deleted before it came to a disk. */
function writtenBy(proc: string, pid: number): number | null {
  const io = textOf(proc, String(pid), 'io');
  const count = (name: string): number | undefined => {
    const digits = io?.match(new RegExp(`^${name}: (\\d+)$`, 'm'))?.[1];
    return digits === undefined ? undefined : Number(digits);
  };
  const [written, cancelled] = [count('write_bytes'), count('cancelled_write_bytes')];
  if (written !== undefined) return written - (cancelled ?? 0);
  return hasEnded(textOf(proc, String(pid), 'stat')) ? 0 : null;
}

/** Gone, or not yet waited for: then its counts pass to its parent. */
function hasEnded(stat: string | null): boolean {
  return stat === null || stat.slice(stat.lastIndexOf(')')).startsWith(') Z');
}

function namesIn(...path: readonly string[]): readonly string[] {
  try {
    return readdirSync(join(...path));
  } catch {
    return [];
  }
}

/** `null` also of a process that has just ended. */
function textOf(...path: readonly string[]): string | null {
  try {
    return readFileSync(join(...path), 'utf8');
  } catch {
    return null;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function sumOrNull(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === values.length ? sum(known) : null;
}
