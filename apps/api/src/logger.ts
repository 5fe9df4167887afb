import { type DestinationStream, type Logger, pino } from 'pino';
import { type Config } from './config/config.js';

interface LoggedRequest {
  readonly method: string;
  readonly url: string;
}

/** Structured logs. A request shows as its method and path: no query, no headers, no body. */
export function createLogger(
  { logLevel }: Pick<Config, 'logLevel'>,
  destination?: DestinationStream,
): Logger {
  const options = {
    level: logLevel,
    serializers: {
      req: ({ method, url }: LoggedRequest) => ({ method, path: url.split('?')[0] }),
      res: ({ statusCode }: { readonly statusCode: number }) => ({ statusCode }),
      err: (error: Error) => ({ name: error.name }),
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
