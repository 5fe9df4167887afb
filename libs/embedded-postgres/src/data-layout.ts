import { join } from 'node:path';

/** Where things lie below the data folder. */
export interface DataLayout {
  readonly root: string;
  /** The cluster: what initdb makes and PostgreSQL owns. */
  readonly pgdata: string;
  /** The password of the one role, mode 0600. */
  readonly password: string;
  /** The folder of PostgreSQL's socket, mode 0700. */
  readonly sockets: string;
  /** A file with the name of the folder that is used instead, if there is one. */
  readonly socketsElsewhere: string;
  /** Locked for as long as a process of PostgreSQL lives. */
  readonly serverLock: string;
  readonly log: string;
  /** Takes room on the volume until PostgreSQL needs it to recover. */
  readonly ballast: string;
  /** Library links, used only when the package's own folder cannot be written. */
  readonly libraries: string;
}

export function dataLayout(root: string): DataLayout {
  return {
    root,
    pgdata: join(root, 'pgdata'),
    password: join(root, 'password'),
    sockets: join(root, 'socket'),
    socketsElsewhere: join(root, 'socket-folder'),
    serverLock: join(root, 'server.lock'),
    log: join(root, 'postgres.log'),
    ballast: join(root, 'ballast'),
    libraries: join(root, 'libraries'),
  };
}
