import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..');

/** `docker compose` on a stack that `run.sh` built. @throws Error with what was printed, unless it exits with 0 */
export type Compose = (...command: readonly string[]) => Promise<string>;

/** @param variable in which `run.sh` says how to call it for one of the stacks */
export function composeBy(variable: 'COMPOSE' | 'COMPOSE_NETWORK'): Compose {
  return async (...command) => {
    const program = process.env[variable];
    if (program === undefined) throw new Error(`npm run test:compose sets ${variable}`);
    return (await run(program, command)).stdout.trim();
  };
}

/** On docker-compose.yml. */
export const compose = composeBy('COMPOSE');

export async function up(stack = compose): Promise<void> {
  await stack('up', '--detach', '--wait', '--wait-timeout', '600');
}

/** Where the balancer answers: another port after each `up`. */
export async function address(): Promise<string> {
  return `http://${await compose('port', 'balancer', '3000')}`;
}

/** Runs a command in a service's container. */
export function within(service: string, ...command: readonly string[]): Promise<string> {
  return compose('exec', '-T', service, ...command);
}

/** As PostgreSQL's superuser. */
export function sql(statement: string): Promise<string> {
  const psql = ['psql', '--username', 'postgres', '--dbname', 'musubi', '--tuples-only', '--no-align'];
  return within('postgres', ...psql, '--command', statement);
}

/** The script that runs docs/walk.sh and judges it. @returns the exit code, and what was printed */
export async function walk(url: string): Promise<{ readonly code: unknown; readonly printed: string }> {
  const child = spawn(join(ROOT, '.ci', 'walk.sh'), { env: { ...process.env, API: `${url}/v1` } });
  const printed: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  const [code] = (await once(child, 'close')) as unknown[];
  return { code, printed: printed.join('') };
}

/** How long it takes until the service has ended, in milliseconds, and with which code. */
export async function timeStop(service: string): Promise<{ readonly tookMs: number; readonly code: number }> {
  const asked = performance.now();
  await compose('stop', service);
  const tookMs = performance.now() - asked;
  const { ExitCode: code } = JSON.parse(await compose('ps', '--all', '--format', 'json', service)) as {
    readonly ExitCode: number;
  };
  return { tookMs, code };
}
