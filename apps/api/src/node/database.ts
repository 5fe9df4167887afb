import { cellDatabase } from '@musubi/cell';
import {
  type Listening,
  combineParts,
  createDataSource,
  listen,
  migrate,
  startEmbeddedPostgres,
} from '@musubi/database';
import { deliveryDatabase } from '@musubi/delivery';
import { globalDhtDatabase } from '@musubi/global-dht';
import { historyDatabase } from '@musubi/history';
import { pairwiseDhtDatabase } from '@musubi/pairwise-dht';
import { receiptsDatabase } from '@musubi/receipts';
import { type DataSource } from 'typeorm';
import { type Config } from '../config/config.js';
import { apiDatabase } from '../schema/index.js';

/** Every table of the service. */
export const serviceDatabase = combineParts(
  cellDatabase,
  receiptsDatabase,
  historyDatabase,
  deliveryDatabase,
  pairwiseDhtDatabase,
  globalDhtDatabase,
  apiDatabase,
);

export interface ServiceDatabase {
  readonly dataSource: DataSource;
  /** Hears what PostgreSQL says on a channel; to be closed before the database. */
  readonly listen: (channel: string, onNotify: () => void) => Listening;
  /** Resolves when the embedded server has ended by itself: nothing can be done here any more. */
  readonly lost: Promise<Error>;
  close(): Promise<void>;
}

/** Connects to the configured server, or starts the embedded one first, and brings the tables up to date. */
export async function openDatabase({ databaseUrl, dataDir, databasePool }: Config): Promise<ServiceDatabase> {
  const server = databaseUrl === undefined ? await startEmbeddedPostgres({ dataDir }) : undefined;
  const url = databaseUrl ?? server?.url ?? '';
  const dataSource = createDataSource({ ...serviceDatabase, url, poolSize: databasePool });
  const close = async (): Promise<void> => {
    if (dataSource.isInitialized) await dataSource.destroy();
    await server?.stop();
  };
  try {
    await dataSource.initialize();
    await migrate(dataSource);
    const hear: ServiceDatabase['listen'] = (channel, onNotify) => listen({ url, channel, onNotify });
    return { dataSource, listen: hear, lost: server?.lost ?? never, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A server that somebody else runs is theirs to bring back. */
const never = new Promise<never>(() => undefined);
