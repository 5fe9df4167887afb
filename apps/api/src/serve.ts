import { once } from 'node:events';
import { type Config, ConfigError, readConfig } from './config/config.js';
import { assertAddressIsFree } from './http/listen-address.js';
import { type Service } from './start-service.js';

/** From the signal to the end of the process, whatever hangs: milliseconds. */
const LAST_MS = 9_500;
/** A process without work ends by itself. One that has not, this many milliseconds after it stopped, is made to. */
const LINGER_MS = 500;

/** Runs the service until it is told to stop, or cannot go on. Sets the exit code, and sees to it that Node ends. */
export async function serve(stopping: AbortSignal): Promise<void> {
  // Nobody can be told where the outputs cannot be written: on a full volume, or into a closed pipe.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
  stopping.addEventListener('abort', () => {
    leaveAfter(LAST_MS, 'The service did not stop');
  });
  process.exitCode = await run(stopping);
  leaveAfter(LINGER_MS, 'The process did not end by itself');
}

/** @returns the exit code */
async function run(stopping: AbortSignal): Promise<number> {
  try {
    const config = readConfig(process.env);
    await assertAddressesAreFree(config);
    // Loaded only now: it is most of the program, and a start that cannot succeed ends without it.
    const [{ createLogger }, { startService }] = await Promise.all([
      import('./logger.js'),
      import('./start-service.js'),
    ]);
    stopping.throwIfAborted();
    const service = await startService(config, createLogger(config), stopping);
    console.log(`Musubi answers at ${service.url} (API: ${service.url}/docs). Ctrl-C stops it.`);
    return await untilOver(service, stopping);
  } catch (error) {
    if (error === stopping.reason) return 0;
    console.error(error instanceof Error && error.message !== '' ? error.message : error);
    return error instanceof ConfigError ? 2 : 1;
  }
}

/** @throws AddressUnusableError */
async function assertAddressesAreFree(config: Config): Promise<void> {
  await assertAddressIsFree(config);
  for (const place of [config.links?.listenAt, config.links?.webSocketsAt])
    if (place !== undefined) await assertAddressIsFree({ ...place, setting: 'NODE_LISTEN' });
}

/** Ends rather than live on half-dead: a supervisor that started the service can start it again. */
async function untilOver(service: Service, stopping: AbortSignal): Promise<number> {
  const stopped = stopping.aborted ? undefined : once(stopping, 'abort').then(() => undefined);
  const failure = await Promise.race([stopped, service.failed]);
  if (failure !== undefined) console.error(`${failure.message} The service ends; start it again.`);
  const complaints = await service.close();
  for (const complaint of complaints) console.error(complaint);
  return failure === undefined && complaints.length === 0 ? 0 : 1;
}

/** Only if Node has not ended by then. */
function leaveAfter(ms: number, reason: string): void {
  const leave = (): void => {
    const open = [...new Set(process.getActiveResourcesInfo())].join(', ');
    console.error(`${reason} in ${ms / 1000} s. It exits by force; still open: ${open}.`);
    process.exit(process.exitCode === 0 ? 0 : 1);
  };
  setTimeout(leave, ms).unref();
}
