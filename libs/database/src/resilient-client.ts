import { Socket } from 'node:net';
import { type Duplex } from 'node:stream';
import pg from 'pg';

/** A server says nothing more after a goodbye, and one that hangs never closes: milliseconds until we close. */
const GOODBYE_MS = 1000;

type Connected = (error?: Error) => void;

/**
 * A connection whose death is an error of its queries, never of the process: a server that stops sends 57P01 also to
 * connections that are between two owners, and an 'error' event without a listener would end Node.
 *
 * `connect()` and `end()` always settle, in whatever order they are called. pg never settles a `connect()` that an
 * `end()` overtakes, and its `end()` waits for as long as the server does not close.
 */
export class ResilientClient extends pg.Client {
  private readonly socket: Duplex;
  private state: 'new' | 'connecting' | 'connected' | 'ended' = 'new';

  constructor(given: string | pg.ClientConfig = {}) {
    const config = typeof given === 'string' ? { connectionString: given } : given;
    const socket = config.stream?.() ?? new Socket();
    super({ ...config, stream: () => socket });
    this.socket = socket;
    this.on('error', () => undefined);
  }

  override connect(): Promise<this>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<this> | void {
    const connected = this.open();
    if (callback === undefined) return connected;
    connected.then(
      () => {
        callback();
      },
      (error: unknown) => {
        callback(error as Error);
      },
    );
  }

  override end(): Promise<void>;
  override end(callback: (error: Error) => void): void;
  override end(callback?: (error: Error) => void): Promise<void> | void {
    // Nothing has been asked yet that could still be answered.
    if (this.state !== 'connected') this.socket.destroy();
    this.state = 'ended';
    const overdue = setTimeout(() => this.socket.destroy(), GOODBYE_MS);
    if (this.socket.closed) clearTimeout(overdue);
    this.socket.once('close', () => {
      clearTimeout(overdue);
    });
    if (callback === undefined) return super.end();
    super.end(callback);
  }

  /** Waits for its queries as long as they take. @returns what makes it as it was */
  waitForEver(): () => void {
    // pg reads it before each query and offers no other way to change it.
    const { connectionParameters } = this as unknown as { connectionParameters: { query_timeout: unknown } };
    const { query_timeout: before } = connectionParameters;
    connectionParameters.query_timeout = 0;
    return () => {
      connectionParameters.query_timeout = before;
    };
  }

  private open(): Promise<this> {
    if (this.state === 'ended') return Promise.reject(terminated());
    this.state = 'connecting';
    return new Promise((resolve, reject) => {
      this.once('end', () => {
        reject(terminated());
      });
      super.connect((error?: Error | null) => {
        if (error) reject(error);
        else resolve(this);
      });
    }).then(() => {
      if (this.state === 'connecting') this.state = 'connected';
      return this;
    });
  }
}

/** What pg says of a connection that ended before its queries did. */
function terminated(): Error {
  return new Error('Connection terminated');
}
/** Sends what is written in one turn as one: statements that do not wait for one another are one write, not many. */
export class CoalescingSocket extends Socket {
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
