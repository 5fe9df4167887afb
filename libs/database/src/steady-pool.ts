import pg, { type PoolClient } from 'pg';

type Borrowed = (
  error: Error | undefined,
  client: PoolClient | undefined,
  release: (error?: unknown) => void,
) => void;

/** A pool whose end is told to those who wait for a connection. pg-pool itself forgets them. */
export class SteadyPool extends pg.Pool {
  private readonly waiting = new Set<Borrowed>();

  override connect(): Promise<PoolClient>;
  override connect(callback: Borrowed): void;
  override connect(callback?: Borrowed): Promise<PoolClient> | void {
    if (callback !== undefined) {
      this.borrow(callback);
      return;
    }
    return new Promise((resolve, reject) => {
      this.borrow((error, client) => {
        if (client === undefined) reject(error ?? ended());
        else resolve(client);
      });
    });
  }

  override end(): Promise<void>;
  override end(callback: () => void): void;
  override end(callback?: () => void): Promise<void> | void {
    const ending = super.end();
    for (const answer of this.waiting) answer(ended(), undefined, () => undefined);
    if (callback === undefined) return ending;
    ending.then(callback, callback);
  }

  private borrow(callback: Borrowed): void {
    const answer: Borrowed = (error, client, release) => {
      if (this.waiting.delete(answer)) callback(error, client, release);
      // It came after the end, and nobody waits for it any more. pg-pool leaves out what it does not have.
      else if (client !== undefined) release(true);
    };
    this.waiting.add(answer);
    super.connect(answer);
  }
}

/** As pg says of a connection that is gone. */
function ended(): Error {
  return new Error('Connection terminated: the pool has ended');
}
