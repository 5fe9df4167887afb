import { realpath, rm } from 'node:fs/promises';
import { dataLayout } from './data-layout.js';
import { acquireOwnerLock } from './owner-lock.js';
import { clearPreviousServer } from './previous-server.js';
import { clearSocketFolder } from './socket-folder.js';

/**
 * Removes the data folder that a killed process has left behind, once the server that may still run on it is stopped.
 *
 * @throws DataDirectoryInUseError when its owner lives
 * @throws EmbeddedPostgresStartError when the server cannot be stopped
 */
export async function removeDataFolder(dataDir: string): Promise<void> {
  const layout = dataLayout(await realpath(dataDir));
  const lock = await acquireOwnerLock(layout.root);
  try {
    const serverLock = await clearPreviousServer(layout, new AbortController().signal);
    await clearSocketFolder(layout);
    // What a killed process had begun, such as making the cluster, may take a moment to end.
    await rm(layout.root, { recursive: true, force: true, maxRetries: 10 });
    serverLock?.release();
    lock.abandon();
  } catch (error) {
    await lock.release();
    throw error;
  }
}
