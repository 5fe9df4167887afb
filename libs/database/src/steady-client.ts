import { Socket } from 'node:net';
import pg from 'pg';

/**
 * A connection whose death is an error of its queries, never of the process: a server that stops sends 57P01 also to
 * connections that are between two owners, and an 'error' event without a listener would end Node.
 */
export class SteadyClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}

/** Sends what is written in one turn as one: statements that do not wait for one another are one write, not many. */
export class GatheringSocket extends Socket {
  private isGathering = false;

  override uncork(): void {
    if (this.isGathering) {
      super.uncork();
      return;
    }
    this.isGathering = true;
    process.nextTick(() => {
      this.isGathering = false;
      super.uncork();
    });
  }
}
