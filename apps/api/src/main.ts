import { ConfigError, readConfig } from './config/config.js';
import { createLogger } from './logger.js';
import { startService } from './start-service.js';

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

try {
  const config = readConfig(process.env);
  const service = await startService(config, createLogger(config));
  stopOnSignal(() => service.close());
  console.log(`Musubi answers at ${service.url} (API: ${service.url}/docs). Ctrl-C stops it.`);
} catch (error) {
  console.error(error instanceof Error && error.message !== '' ? error.message : error);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
