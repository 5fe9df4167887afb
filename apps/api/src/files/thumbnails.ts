import { type HeldFile } from '@musubi/cell';
import { Inject, Injectable } from '@nestjs/common';
import { type Logger } from 'pino';
import { FairTurns } from '../access/fair-turns.js';
import { type Payer } from '../access/work-budget.js';
import { type ServiceNode } from '../node/service-node.js';
import { LOGGER, NODE } from '../node/tokens.js';
import { ApiError, TryLaterError } from '../problem/api-error.js';
import { HEADER_BYTES, MAX_PIXELS, imageHeaderOf } from './image-header.js';
import { EXIT } from './thumbnail-exit.js';
import { type WorkerEnd, runThumbnailWorker } from './thumbnail-process.js';

/**
 * Each has up to 512 MiB in a process of its own, and most 70. A list of pictures waits in turn. Both times together are less
 * than the minute after which proxies end a request.
 */
const UNDERWAY = { agent: 1, network: 2, all: 3 } as const;
const WAITING = { agent: 32, network: 64, all: 128 } as const;
const WAIT_MS = 20_000;
const RETRY_AFTER_S = 2;

/** An image that ends its process so does it again. */
const CRASHES: ReadonlySet<NodeJS.Signals | null> = new Set([
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGILL',
  'SIGSEGV',
  'SIGTRAP',
]);

/** Makes small pictures of the images that agents hold, one at a time for each. Nothing of them is stored: see ADR 0056. */
@Injectable()
export class Thumbnails {
  private readonly turns: FairTurns;

  constructor(
    @Inject(NODE) private readonly node: Pick<ServiceNode, 'clock' | 'files' | 'keyring'>,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.turns = new FairTurns({
      clock: node.clock,
      underway: UNDERWAY,
      waiting: WAITING,
      waitMs: WAIT_MS,
      refusal: 'Too many thumbnails are being made: try again later.',
    });
  }

  /**
   * A WebP. @param gone when nobody waits for it any more
   * @throws ApiError `not-an-image`, `image-too-large`, `image-damaged`, `not-implemented`; TryLaterError; FileNotFoundError
   */
  async of(payer: Payer, held: HeldFile, gone: AbortSignal): Promise<Buffer> {
    const keys = this.node.keyring.keysOf(payer.agent);
    const { size } = held.file;
    return this.turns.inTurn(payer, async () => {
      if (gone.aborted) throw notNow();
      await this.requireImage(
        this.node.files.bytes(keys, held, { first: 0, last: Math.min(size, HEADER_BYTES) - 1 }),
      );
      const content = this.node.files.bytes(keys, held, { first: 0, last: size - 1 });
      return this.resultOf(await runThumbnailWorker(content, { signal: gone }), gone);
    });
  }

  /** What its first bytes tell starts no process. */
  private async requireImage(start: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const bytes of start) {
      const header = imageHeaderOf(bytes);
      if (header === null)
        throw new ApiError('not-an-image', 'The file is no JPEG, PNG, GIF or WebP, whatever its type says.');
      if ((header.pixels ?? 0) > MAX_PIXELS) throw tooLarge();
    }
  }

  private resultOf(end: WorkerEnd, gone: AbortSignal): Buffer {
    const { exitCode, output, signal } = end;
    if (exitCode === 0) return output;
    if (exitCode === EXIT.tooLarge || signal === 'SIGXCPU') throw tooLarge();
    if (exitCode === EXIT.damaged || CRASHES.has(signal))
      throw new ApiError(
        'image-damaged',
        'The image is damaged, or needs more memory than there is for one.',
      );
    if (exitCode === EXIT.noLibrary)
      throw new ApiError('not-implemented', 'This node has no library for images.');
    if (!gone.aborted) this.logger.warn({ exitCode, signal }, 'thumbnail-not-made');
    throw notNow();
  }
}

function tooLarge(): ApiError {
  return new ApiError('image-too-large', `The image has more than ${MAX_PIXELS} pixels, or takes too long.`);
}

function notNow(): TryLaterError {
  return new TryLaterError('unavailable', 'The thumbnail was not made: try again later.', RETRY_AFTER_S);
}
