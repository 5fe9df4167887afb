import { execFile } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** `<kernel>/<PID namespace>`: where a pid means what it means here. The kernel's part is new after each boot. */
const NAMESPACE =
  process.platform === 'linux' ? `${bootId()}/${readlinkSync('/proc/self/ns/pid')}` : hostname();

/** Of this process. */
export function ownNamespace(): string {
  return NAMESPACE;
}

/** Whether a pid of that namespace can be looked up here. Claims of earlier versions do not name theirs. */
export function isSameNamespace({ namespace = NAMESPACE }: { readonly namespace?: string }): boolean {
  return namespace === NAMESPACE;
}

/** Whether a process of that namespace runs on this kernel, be it in another container. */
export function isSameKernel({ namespace = NAMESPACE }: { readonly namespace?: string }): boolean {
  return namespace.split('/')[0] === NAMESPACE.split('/')[0];
}

/**
 * What tells a process from a later one with the same pid: the time it started, with the boot it belongs to.
 * Undefined when no such process is alive.
 */
export async function processIdentity(pid: number): Promise<string | undefined> {
  return process.platform === 'linux' ? linuxIdentity(pid) : ask(pid, 'lstart=');
}

/** The command line of a live process, its words separated by blanks. */
export async function commandLine(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return ask(pid, 'command=');
  const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return words.replaceAll('\0', ' ').trim() || undefined;
}

async function linuxIdentity(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second field is the program's name in brackets and may hold blanks; proc(5) counts from 1, start is the 22nd.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const started = fields[18];
  if (started === undefined || state === 'Z') return undefined;
  return `${bootId()}/${started}`;
}

async function ask(pid: number, column: string): Promise<string | undefined> {
  const answer = await run('ps', ['-ww', '-o', column, '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return answer.stdout.trim() || undefined;
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
