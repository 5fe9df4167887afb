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
