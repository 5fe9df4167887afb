import { join } from 'node:path';

/** Where things lie below the data folder. */
export interface DataLayout {
  readonly root: string;
  /** The cluster: what initdb makes and PostgreSQL owns. */
  readonly pgdata: string;
  /** The password of the one role, mode 0600. */
  readonly password: string;
  /** The TCP port of the last run, kept so that the URL stays the same when it can. */
  readonly port: string;
  readonly log: string;
  /** Library links, used only when the package's own folder cannot be written. */
  readonly libraries: string;
}

export function dataLayout(root: string): DataLayout {
  return {
    root,
    pgdata: join(root, 'pgdata'),
    password: join(root, 'password'),
    port: join(root, 'port'),
    log: join(root, 'postgres.log'),
    libraries: join(root, 'libraries'),
  };
}
