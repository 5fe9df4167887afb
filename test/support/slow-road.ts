import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';

interface Slowness {
  /** Of each chunk of bytes, each way. */
  readonly delayMs: number;
  /** Up to so much more for each chunk. Chunks stay in their order, as those of a TCP stream do. */
  readonly jitterMs: number;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/**
 * A proxy on the loopback interface that passes bytes on later than they came. It stands for a long way between two nodes,
 * on machines that have no `tc netem`, and without root. It delays streams, not packets: the handshake of TCP is as fast
 * as on loopback, and nothing is lost.
 */
export class SlowRoad {
  private readonly sockets = new Set<Socket>();
  private isStalled = false;

  private constructor(
    private readonly server: Server,
    private readonly slowness: Slowness,
    private readonly target: number,
  ) {
    server.on('connection', (near) => {
      this.join(near);
    });
  }

  /** @param target the port of the loopback interface to which it leads */
  static async open(slowness: Slowness, target: number): Promise<SlowRoad> {
    const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new SlowRoad(server, slowness, target);
  }

  /** Where it is entered. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** From now on nothing arrives, on any connection, and nobody is told. */
  stall(): void {
    this.isStalled = true;
  }

  /** New connections pass again; those that were stalled are reset, as by a router that has forgotten them. */
  heal(): void {
    this.isStalled = false;
    this.reset();
  }

  /** Ends every connection in the middle of whatever passes. */
  reset(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.reset();
    await closed;
  }

  private join(near: Socket): void {
    const far = connect({ port: this.target, host: '127.0.0.1', allowHalfOpen: true });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(from);
      from.setNoDelay(true);
      from.on('error', () => undefined);
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
      this.pass(from, to);
    }
  }

  private pass(from: Socket, to: Socket): void {
    const { delayMs, jitterMs, random } = this.slowness;
    let free = 0;
    const later = (work: () => void): void => {
      free = Math.max(free, performance.now() + delayMs + random() * jitterMs);
      setTimeout(work, free - performance.now());
    };
    from.on('data', (chunk: Buffer) => {
      later(() => {
        if (!this.isStalled && to.writable) to.write(chunk);
      });
    });
    from.on('end', () => {
      later(() => {
        if (!this.isStalled) to.end();
      });
    });
  }
}
