import { type Config } from '../config/config.js';

/** How often Node looks for requests that are late, in milliseconds. Its default of 30 s would add that much to the limit. */
const MAX_INTERVAL_MS = 5_000;

/** Node's options for requests that arrive slowly. Fastify sets none: a byte a minute would keep a request for ever. */
export function arrivalLimits({ requestTimeoutMs }: Pick<Config, 'requestTimeoutMs'>): {
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  readonly connectionsCheckingInterval: number;
} {
  return {
    headersTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(MAX_INTERVAL_MS, Math.ceil(requestTimeoutMs / 4)),
  };
}
