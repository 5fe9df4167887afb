import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Clock } from '@musubi/messaging';
import { type Carrier, type DialTarget, type Gate, type Listening } from './carrier.js';
import { type NodeIdentity } from './node-identity.js';
import { type NodeTls, abandon, connectTo, hostAndPort, isSecured, nodeTls } from './node-tls.js';
import { RELAY_ALPN } from './relay-protocol.js';
import { type RelayServer } from './relay-server.js';
import { type SecureChannel } from './secure-channel.js';
import { ALPN, TlsChannel, peerOf } from './tls-channel.js';

interface TcpCarrierOptions {
  readonly identity: NodeIdentity;
  readonly clock: Pick<Clock, 'sleep'>;
  /** Absent for a node that only dials. Port 0 takes a free one. */
  readonly listenAt?: { readonly host: string; readonly port: number } | undefined;
  /** For a node that relays for others, at the same port. */
  readonly relay?: RelayServer | undefined;
}

const SCHEME = 'tcp:';

/** TLS 1.3 over TCP. */
export class TcpCarrier implements Carrier {
  readonly scheme = SCHEME;
  private readonly tls: NodeTls;

  constructor(private readonly options: TcpCarrierOptions) {
    this.tls = nodeTls(options.identity);
  }

  async dial({ address, node }: DialTarget, signal: AbortSignal): Promise<SecureChannel> {
    const target = { tls: this.tls, alpn: ALPN, over: hostAndPort(address), node };
    return new TlsChannel({ ...(await connectTo(target, signal)), isDialler: true });
  }

  async listen(gate: Gate, onChannel: (channel: SecureChannel) => void): Promise<Listening | null> {
    const { listenAt, relay } = this.options;
    if (listenAt === undefined) return null;
    const unready = new Set<Socket>();
    const server = createServer((raw) => {
      unready.add(raw);
      void this.admit(raw, gate).then((channel) => {
        unready.delete(raw);
        if (channel !== null) onChannel(channel);
      });
    });
    server.listen(listenAt.port, listenAt.host);
    await once(server, 'listening');
    const close = (): void => {
      server.close();
      for (const raw of unready) raw.destroy();
      relay?.close();
    };
    return { address: addressOf(server), close };
  }

  /** Asks the gate before any cryptography. @returns null when it is refused, or was given to the relay */
  private async admit(raw: Socket, gate: Gate): Promise<SecureChannel | null> {
    const { clock, relay } = this.options;
    raw.on('error', () => undefined);
    const release = raw.remoteAddress === undefined ? null : gate.admit(raw.remoteAddress);
    if (release === null) {
      raw.destroy();
      return null;
    }
    raw.once('close', release);
    const ALPNProtocols = relay === undefined ? [ALPN] : [ALPN, RELAY_ALPN];
    const socket = new TLSSocket(raw, { ...this.tls, ALPNProtocols, isServer: true });
    const isReady = await isSecured(socket, clock);
    const peer = isReady ? peerOf(socket) : null;
    if (peer !== null) return new TlsChannel({ socket, peer, isDialler: false });
    if (!isReady || !this.relayed(socket)) {
      gate.noteHandshakeFailure();
      abandon(socket);
    }
    return null;
  }

  /** @returns whether it is a client of the relay, which has it now */
  private relayed(socket: TLSSocket): boolean {
    const client = peerOf(socket, RELAY_ALPN);
    if (client !== null) void this.options.relay?.serve(socket, client);
    return client !== null;
  }
}

function addressOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `${SCHEME}//${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
