import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';

/** `up`: from the client to the service. */
type Direction = 'up' | 'down';

interface Cut {
  readonly direction: Direction;
  left: number;
}

/** A proxy on the loopback interface that can end a connection after a given byte. */
export class CuttingProxy {
  private readonly sockets = new Set<Socket>();
  private readonly cuts: Cut[] = [];

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {
    server.on('connection', (near) => {
      this.join(near);
    });
  }

  /** @param url of the service */
  static async open(url: string): Promise<CuttingProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new CuttingProxy(server, Number(new URL(url).port));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** How many cuts are still to be made. */
  get cutsLeft(): number {
    return this.cuts.length;
  }

  /** Once that many more bytes have passed in that direction, their connection ends; after earlier cuts. */
  cutAfter(bytes: number, direction: Direction): void {
    this.cuts.push({ direction, left: bytes });
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private join(near: Socket): void {
    const far = connect({ port: this.target, host: '127.0.0.1' });
    this.pass(near, far, 'up');
    this.pass(far, near, 'down');
  }

  private pass(from: Socket, to: Socket, direction: Direction): void {
    this.sockets.add(from);
    from.on('error', () => undefined);
    from.on('close', () => {
      this.sockets.delete(from);
      to.destroy();
    });
    from.on('data', (chunk: Buffer) => {
      const [cut] = this.cuts.filter((next, index) => index === 0 && next.direction === direction);
      if (cut !== undefined) cut.left -= chunk.length;
      if (cut === undefined || cut.left > 0) {
        if (!to.write(chunk)) from.pause();
        return;
      }
      this.cuts.shift();
      from.pause();
      to.write(chunk.subarray(0, chunk.length + cut.left), () => {
        to.destroy();
        from.destroy();
      });
    });
    to.on('drain', () => from.resume());
  }
}
