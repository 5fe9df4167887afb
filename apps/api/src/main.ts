import { ConfigError, readConfig } from './config/config.js';
import { createLogger } from './logger.js';
import { type Service, startService } from './start-service.js';

/** Stops once, on the first of either signal; a second one is the user's way to insist. */
function stopOnSignal(close: () => Promise<void>): void {
  const stop = (): void => {
    process.removeListener('SIGINT', stop);
    process.removeListener('SIGTERM', stop);
    void close().catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    });
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

/** Ends rather than live on half-dead: whoever started the service can start it again. */
async function giveUp(error: Error, service: Service): Promise<void> {
  console.error(`${error.message} The service ends; start it again.`);
  process.exitCode = 1;
  await service.close().catch(() => undefined);
}

try {
  const config = readConfig(process.env);
  const service = await startService(config, createLogger(config));
  stopOnSignal(() => service.close());
  void service.failed.then((error) => giveUp(error, service));
  console.log(`Musubi answers at ${service.url} (API: ${service.url}/docs). Ctrl-C stops it.`);
} catch (error) {
  console.error(error instanceof Error && error.message !== '' ? error.message : error);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
