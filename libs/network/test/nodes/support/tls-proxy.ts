import { type KeyObject, generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage } from 'node:http';
import { type Server, createServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { type Duplex } from 'node:stream';

export interface TlsProxyOptions {
  /** The port of the program behind it, on 127.0.0.1. */
  readonly behind: () => number | null;
  /** What passes in either direction. */
  readonly onBytes?: (bytes: Uint8Array) => void;
  /** After how many bytes, in both directions together, a connection is cut. */
  readonly cutAfter?: (connection: number) => number;
}

const [INTEGER, BIT_STRING, UTF8_STRING, GENERALIZED_TIME] = [0x02, 0x03, 0x0c, 0x18];
const [OBJECT_IDENTIFIER, SEQUENCE, SET, VERSION] = [0x06, 0x30, 0x31, 0xa0];
const LONG_FORM = 0x80;

/** Self-signed. Elsewhere a proxy has one of an authority. */
function certificateFor(host: string, own: KeyObject, signer: KeyObject): string {
  const algorithm = der(SEQUENCE, der(OBJECT_IDENTIFIER, Buffer.from('2b6570', 'hex')));
  const commonName = der(OBJECT_IDENTIFIER, Buffer.from('550403', 'hex'));
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, commonName, der(UTF8_STRING, Buffer.from(host)))));
  const times = ['20200101000000Z', '99991231235959Z'];
  const signed = der(
    SEQUENCE,
    der(VERSION, der(INTEGER, Buffer.of(2))),
    der(INTEGER, Buffer.of(1)),
    algorithm,
    name,
    der(SEQUENCE, ...times.map((time) => der(GENERALIZED_TIME, Buffer.from(time)))),
    name,
    own.export({ type: 'spki', format: 'der' }),
  );
  const signature = der(BIT_STRING, Buffer.of(0), sign(null, signed, signer));
  const body = der(SEQUENCE, signed, algorithm, signature).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  return Buffer.concat([
    Buffer.from(length < LONG_FORM ? [tag, length] : [tag, LONG_FORM + 1, length]),
    content,
  ]);
}

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
/** Of every proxy in this process, as PEM. */
export const PROXY_CERTIFICATE = certificateFor('localhost', publicKey, privateKey);

/** An HTTPS server that passes upgrades on, as nginx and HAProxy do: of its own there is `X-Forwarded-For`. */
export class TlsProxy {
  connections = 0;
  private readonly server: Server;
  private readonly open = new Set<Duplex>();

  private constructor(private readonly options: TlsProxyOptions) {
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
    this.server = createServer({ key, cert: PROXY_CERTIFICATE });
    this.server.on('upgrade', (request: IncomingMessage, socket, head) => {
      this.pass(request, socket, head);
    });
  }

  static async open(options: TlsProxyOptions): Promise<TlsProxy> {
    const proxy = new TlsProxy(options);
    proxy.server.listen(0, 'localhost');
    await once(proxy.server, 'listening');
    return proxy;
  }

  get address(): string {
    return `wss://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  cut(): void {
    for (const socket of this.open) socket.destroy();
  }

  close(): void {
    this.server.close();
    this.cut();
  }

  private pass(request: IncomingMessage, client: Duplex, head: Buffer): void {
    const behind = connect({ host: '127.0.0.1', port: this.options.behind() ?? 1 });
    const names = { ...request.headers, 'x-forwarded-for': request.socket.remoteAddress };
    const lines = Object.entries(names).map(([name, value]) => `${name}: ${String(value)}\r\n`);
    behind.write(`${request.method ?? ''} ${request.url ?? ''} HTTP/1.1\r\n${lines.join('')}\r\n`);
    behind.write(head);
    let left = this.options.cutAfter?.(this.connections) ?? Infinity;
    this.connections += 1;
    const lead = (from: Duplex, to: Duplex): void => {
      this.open.add(from);
      from.on('data', (bytes: Uint8Array) => {
        const passed = bytes.subarray(0, left);
        left -= passed.length;
        this.options.onBytes?.(passed);
        to.write(passed);
        if (left > 0) return;
        from.destroy();
        to.destroy();
      });
      from.on('error', () => undefined);
      from.once('close', () => {
        this.open.delete(from);
        to.destroy();
      });
    };
    lead(client, behind);
    lead(behind, client);
  }
}
