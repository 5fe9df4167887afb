import { type DestinationStream, type Logger, pino } from 'pino';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { z } from 'zod';
import { type Config } from './config/config.js';

interface LoggedRequest {
  readonly method: string;
  /** Of Fastify's requests; the route's own path, such as `/v1/clones/:peer`. */
  readonly routeOptions?: { readonly url?: string | undefined };
  readonly params?: unknown;
}

const WAITING_BYTES = 1_048_576;

const paramsSchema = z.object({ strategy: z.enum(STRATEGY_NAMES) });

/** Structured logs. A request shows as its method and route: its path may name peers and messages (ADR 0004). */
export function createLogger(
  { logLevel }: Pick<Config, 'logLevel'>,
  destination?: DestinationStream,
): Logger {
  const options = {
    level: logLevel,
    serializers: {
      req: (request: LoggedRequest) => ({ method: request.method, route: routeOf(request) }),
      res: ({ statusCode }: { readonly statusCode: number }) => ({ statusCode }),
      err: (error: Error) => ({ name: error.name }),
    },
  };
  return pino(options, destination ?? standardOutput());
}

/**
 * A log that cannot be written, on a full volume or a closed pipe, must not end the service: without a listener the error
 * would be thrown, logged, and thrown again. Lines wait in bounded memory, and beyond that they are dropped.
 */
function standardOutput(): DestinationStream {
  const output = pino.destination({ dest: 1, sync: true, maxLength: WAITING_BYTES });
  output.on('error', () => undefined);
  return output;
}

/** Of what a path names, the placement alone is nobody's secret. */
function routeOf({ routeOptions, params }: LoggedRequest): string {
  const route = routeOptions?.url ?? 'unknown';
  const { data } = paramsSchema.safeParse(params);
  return data === undefined ? route : route.replace(':strategy', data.strategy);
}
