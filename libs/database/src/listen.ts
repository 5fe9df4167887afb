import { setTimeout as sleepFor } from 'node:timers/promises';
import pg from 'pg';
import { ResilientClient } from './resilient-client.js';

/** Milliseconds. */
const CONNECT_TIMEOUT = 10_000;
const RECONNECT_WAIT = 1000;

export interface ListenSettings {
  /** `postgres://user:password@host:port/database`; a pooler between would have to keep sessions. */
  readonly url: string;
  readonly channel: string;
  /** Called for every notification, and once after each connection: what was said in between is lost. */
  readonly onNotify: () => void;
}

export interface Listening {
  close(): Promise<void>;
}

/**
 * Hears `NOTIFY` on one channel, over a connection of its own that is made again whenever it breaks. Pooled
 * connections cannot listen: their next borrower would get the notifications.
 */
export function listen(settings: ListenSettings): Listening {
  const closing = new AbortController();
  const listening = listenUntil(closing.signal, settings);
  return {
    close: () => {
      closing.abort();
      return listening;
    },
  };
}

async function listenUntil(closing: AbortSignal, settings: ListenSettings): Promise<void> {
  while (!closing.aborted) {
    try {
      await listenOnce(closing, settings);
    } catch {
      // The server is away: listeners poll meanwhile.
    }
    await sleepFor(RECONNECT_WAIT, undefined, { signal: closing }).catch(() => undefined);
  }
}

/** Resolves when the connection has ended. */
async function listenOnce(closing: AbortSignal, { url, channel, onNotify }: ListenSettings): Promise<void> {
  const client = new ResilientClient({
    connectionString: url,
    application_name: 'musubi-listener',
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    keepAlive: true,
  });
  const ended = new Promise((resolve) => client.once('end', resolve));
  const end = (): void => void client.end().catch(() => undefined);
  closing.addEventListener('abort', end, { once: true });
  try {
    await client.connect();
    client.on('notification', onNotify);
    await client.query(`listen ${pg.escapeIdentifier(channel)}`);
    onNotify();
    await ended;
  } finally {
    closing.removeEventListener('abort', end);
    end();
  }
}
