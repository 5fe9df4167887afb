import { type Listening, combineParts, createDataSource, listen, migrate } from '@musubi/database';
import { startEmbeddedPostgres } from '@musubi/embedded-postgres';
import { membershipDatabase } from '@musubi/membership';
import { nodeDatabase } from '@musubi/node';
import { type DataSource } from 'typeorm';
import { type Config } from '../config/config.js';
import { apiDatabase } from '../schema/index.js';

/** The statements of the service take milliseconds. A request answers some seconds after one is given up. */
const STATEMENT_TIMEOUT_MS = 10_000;

/** Every table of the service. */
export const serviceDatabase = combineParts(nodeDatabase, membershipDatabase, apiDatabase);

export interface ServiceDatabase {
  readonly dataSource: DataSource;
  /** Hears what PostgreSQL says on a channel; to be closed before the database. */
  readonly listen: (channel: string, onNotify: () => void) => Listening;
  /** Resolves when the embedded server has ended by itself: nothing can be done here any more. */
  readonly lost: Promise<Error>;
  /** Breaks every connection, now and later: whatever waits for the database fails at once. */
  cut(): void;
  /** @param withinMs after which the embedded server is made to end; some 9 s when absent */
  close(withinMs?: number): Promise<void>;
}

/**
 * Connects to the configured server, or starts the embedded one first, and brings the tables up to date.
 *
 * @param stopping gives up when aborted, and leaves nothing running
 */
export async function openDatabase(
  { databaseUrl, dataDir, databasePool }: Config,
  stopping: AbortSignal,
): Promise<ServiceDatabase> {
  const server =
    databaseUrl === undefined ? await startEmbeddedPostgres({ dataDir, signal: stopping }) : undefined;
  const url = databaseUrl ?? server?.url ?? '';
  const dataSource = createDataSource({
    ...serviceDatabase,
    url,
    poolSize: databasePool,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  });
  const cut = (): void => {
    dataSource.cut();
  };
  const close = async (withinMs?: number): Promise<void> => {
    const begun = performance.now();
    if (dataSource.isInitialized) await dataSource.destroy();
    await server?.stop('fast', withinMs === undefined ? undefined : withinMs - (performance.now() - begun));
  };
  stopping.addEventListener('abort', cut);
  try {
    stopping.throwIfAborted();
    await dataSource.initialize();
    await migrate(dataSource);
  } catch (error) {
    await close();
    throw error;
  } finally {
    stopping.removeEventListener('abort', cut);
  }
  const hear: ServiceDatabase['listen'] = (channel, onNotify) => listen({ url, channel, onNotify });
  return { dataSource, listen: hear, lost: server?.lost ?? never, cut, close };
}

/** A server that somebody else runs is theirs to bring back. */
const never = new Promise<never>(() => undefined);
