const USE_DATABASE_URL = 'Set DATABASE_URL to use a PostgreSQL server (15 or newer) of your own.';

/** The embedded PostgreSQL cannot serve; the message says why and what to do. */
export class EmbeddedPostgresError extends Error {
  override readonly name: string = 'EmbeddedPostgresError';
}

/** This machine cannot run the embedded PostgreSQL at all. */
export class EmbeddedPostgresUnavailableError extends EmbeddedPostgresError {
  override readonly name = 'EmbeddedPostgresUnavailableError';
  constructor(reason: string, options?: ErrorOptions) {
    super(`${reason} ${USE_DATABASE_URL}`, options);
  }
}

/** Another live process runs a server on this data folder. */
export class DataDirectoryInUseError extends EmbeddedPostgresError {
  override readonly name = 'DataDirectoryInUseError';
  constructor(
    readonly dataDir: string,
    /** 0 when it is not known. */
    readonly ownerPid: number,
    place: 'here' | 'elsewhere' = 'here',
  ) {
    const here = ownerPid === 0 ? 'another process' : `process ${ownerPid}`;
    const owner = place === 'here' ? here : 'a process in another container or on another machine';
    super(
      `The data folder ${dataDir} is in use by ${owner}. Stop that process, or choose another folder by DATA_DIR.`,
    );
  }
}

/** The server was launched and did not come up; the message ends with the last lines of its log. */
export class EmbeddedPostgresStartError extends EmbeddedPostgresError {
  override readonly name = 'EmbeddedPostgresStartError';
}

/** The server ended although nobody asked it to: killed, out of memory, out of disk. */
export class EmbeddedPostgresLostError extends EmbeddedPostgresError {
  override readonly name = 'EmbeddedPostgresLostError';

  constructor(pid: number, logFile: string) {
    super(`PostgreSQL (process ${pid}) ended by itself. What it said is in ${logFile}.`);
  }
}
