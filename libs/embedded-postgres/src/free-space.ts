import { open, rm, stat, statfs } from 'node:fs/promises';

const MEBIBYTE = 1_048_576;

/** Two segments of PostgreSQL's log, of 16 MiB each: where it cannot make the next one, it ends. */
const LEAST_BYTES = 32 * MEBIBYTE;
/** What has to be free before there is room again: else a few bytes would turn it on and off. */
const ENOUGH_BYTES = 40 * MEBIBYTE;
/** A volume may run out of files before it runs out of bytes. */
const LEAST_FILES = 64;
/** Given up to a server that ended for want of room, so that it can recover and answer those who read. */
const BALLAST_BYTES = 32 * MEBIBYTE;
/** Smaller volumes have no ballast: it would take what they need. */
const ROOMY_BYTES = 8 * BALLAST_BYTES;
const LOOK_MS = 500;

interface FreeSpaceOptions {
  /** A folder of the volume. */
  readonly folder: string;
  /** A file that takes room for as long as nobody needs it, if there is to be one. */
  readonly ballast: string | null;
  /** Told of each change. */
  readonly onChange?: ((hasRoom: boolean) => void) | undefined;
}

/**
 * Watches how much room a volume has, by one system call every half second. It sees no quota of a user: what runs into that is
 * refused by PostgreSQL.
 */
export class FreeSpace {
  private isShort = false;
  private looking: Promise<boolean> | undefined;
  private readonly timer: NodeJS.Timeout;

  private constructor(private readonly options: FreeSpaceOptions) {
    this.timer = setInterval(() => void this.look(), LOOK_MS).unref();
  }

  /** Looks once, and makes the ballast if the volume is large enough for it. */
  static async watch(options: FreeSpaceOptions): Promise<FreeSpace> {
    const space = new FreeSpace(options);
    await space.look();
    return space;
  }

  /** As it was half a second ago at most. */
  hasRoom(): boolean {
    return !this.isShort;
  }

  /** Looks now. Never rejects: what cannot be found out stays as it was. */
  look(): Promise<boolean> {
    this.looking ??= this.lookOnce()
      .catch(() => undefined)
      .then(() => this.hasRoom())
      .finally(() => (this.looking = undefined));
    return this.looking;
  }

  /** @returns whether there was any */
  async giveUpBallast(): Promise<boolean> {
    const { ballast } = this.options;
    await this.looking;
    if (ballast === null || (await sizeOf(ballast)) === 0) return false;
    await rm(ballast, { force: true });
    return true;
  }

  end(): void {
    clearInterval(this.timer);
  }

  private async lookOnce(): Promise<void> {
    const { bavail, bsize, ffree, files } = await statfs(this.options.folder);
    const free = bavail * bsize;
    const hasFiles = files === 0 || ffree >= LEAST_FILES;
    const isShort = !hasFiles || free < (this.isShort ? ENOUGH_BYTES : LEAST_BYTES);
    if (!isShort && free >= ROOMY_BYTES) await this.restoreBallast();
    if (isShort === this.isShort) return;
    this.isShort = isShort;
    this.options.onChange?.(!isShort);
  }

  private async restoreBallast(): Promise<void> {
    const { ballast } = this.options;
    if (ballast === null || (await sizeOf(ballast)) === BALLAST_BYTES) return;
    await makeBallast(ballast).catch(() => rm(ballast, { force: true }));
  }
}

/** Written, not only lengthened: a hole takes no room. */
async function makeBallast(path: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    const filler = Buffer.alloc(MEBIBYTE, 1);
    for (let at = 0; at < BALLAST_BYTES; at += filler.length) await file.write(filler, 0, filler.length, at);
  } finally {
    await file.close();
  }
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
