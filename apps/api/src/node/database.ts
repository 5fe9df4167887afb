import { type Listening, combineParts, createDataSource, listen, migrate } from '@musubi/database';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from '@musubi/embedded-postgres';
import { membershipDatabase } from '@musubi/membership';
import { nodeDatabase } from '@musubi/node';
import { type Logger } from 'pino';
import { type DataSource } from 'typeorm';
import { type Config } from '../config/config.js';
import { apiDatabase } from '../schema/index.js';

/** The statements of the service take milliseconds. A request answers some seconds after one is given up. */
const STATEMENT_TIMEOUT_MS = 10_000;

/** The SQLSTATE of a full disk. */
export const DISK_FULL = '53100';

/** Every table of the service. */
export const serviceDatabase = combineParts(nodeDatabase, membershipDatabase, apiDatabase);

export interface ServiceDatabase {
  readonly dataSource: DataSource;
  /** Hears what PostgreSQL says on a channel; to be closed before the database. */
  readonly listen: (channel: string, onNotify: () => void) => Listening;
  /** Resolves when the embedded server has ended by itself and does not start again: nothing can be done here any more. */
  readonly lost: Promise<Error>;
  /** False while the volume of the embedded server is full: nothing more should be written. */
  readonly hasRoom: () => boolean;
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
  logger: Pick<Logger, 'warn'>,
  stopping: AbortSignal,
): Promise<ServiceDatabase> {
  const server =
    databaseUrl === undefined
      ? await startEmbeddedPostgres({ dataDir, signal: stopping, ...loggedTo(logger) })
      : undefined;
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
  return { dataSource, listen: hear, ...standingOf(server), cut, close };
}

/** A server that somebody else runs is theirs to bring back, and to give room to. */
function standingOf(server: EmbeddedPostgres | undefined): Pick<ServiceDatabase, 'lost' | 'hasRoom'> {
  if (server === undefined) return { lost: new Promise<never>(() => undefined), hasRoom: () => true };
  return { lost: server.lost, hasRoom: () => server.hasRoom() };
}

/** What the embedded server has to say. */
function loggedTo(logger: Pick<Logger, 'warn'>): Pick<EmbeddedPostgresOptions, 'warn' | 'onSpace'> {
  return {
    warn: (message) => {
      logger.warn({ message }, 'embedded-postgres');
    },
    onSpace: (hasRoom) => {
      if (hasRoom) logger.warn('disk-has-room');
      else logger.warn({ sqlState: DISK_FULL }, 'disk-full');
    },
  };
}
