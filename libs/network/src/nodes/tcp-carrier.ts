import { constants } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { type CommonConnectionOptions, TLSSocket, connect, createSecureContext } from 'node:tls';
import { type Clock } from '@musubi/messaging';
import { type Carrier, type DialTarget, type Gate, type Listening } from './carrier.js';
import { type NodeIdentity } from './node-identity.js';
import { LinkRefusedError } from './refusals.js';
import { type SecureChannel } from './secure-channel.js';
import { ALPN, TlsChannel, peerOf } from './tls-channel.js';

export interface TcpCarrierOptions {
  readonly identity: NodeIdentity;
  readonly clock: Pick<Clock, 'sleep'>;
  /** Absent for a node that only dials. Port 0 takes a free one. */
  readonly listenAt?: { readonly host: string; readonly port: number } | undefined;
}

/** How long another node has for its part of the handshake. */
const HANDSHAKE_MS = 2000;
const SCHEME = 'tcp:';

/** TLS 1.3 over TCP, both sides with certificates that nobody but they have signed. */
export class TcpCarrier implements Carrier {
  readonly scheme = SCHEME;
  private readonly tls: CommonConnectionOptions & { readonly requestCert: boolean };

  constructor(private readonly options: TcpCarrierOptions) {
    const { identity } = options;
    const secureContext = createSecureContext({
      key: identity.privateKeyPem(),
      cert: identity.certificate,
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3',
      sigalgs: 'ed25519',
      ecdhCurve: 'X25519',
      // A resumed session would show no certificate.
      secureOptions: constants.SSL_OP_NO_TICKET,
    });
    // No authority has signed the certificates: the key is pinned instead, in peerOf() and dial().
    const checks = { requestCert: true, rejectUnauthorized: false };
    this.tls = { secureContext, ALPNProtocols: [ALPN], ...checks };
  }

  async dial({ address, node }: DialTarget, signal: AbortSignal): Promise<SecureChannel> {
    const { hostname, port } = new URL(address);
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const socket = connect({ ...this.tls, host, port: Number(port) });
    try {
      await once(socket, 'secureConnect', { signal });
      const peer = peerOf(socket);
      if (peer === null || peer !== (node ?? peer)) throw new LinkRefusedError('wrong-node');
      return new TlsChannel({ socket, peer, isDialler: true });
    } catch (error) {
      abandon(socket);
      throw isOfTls(error) ? new LinkRefusedError('handshake') : error;
    }
  }

  async listen(gate: Gate, onChannel: (channel: SecureChannel) => void): Promise<Listening | null> {
    const { listenAt } = this.options;
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
    };
    return { address: addressOf(server), close };
  }

  /** Asks the gate before any cryptography. */
  private async admit(raw: Socket, gate: Gate): Promise<SecureChannel | null> {
    raw.on('error', () => undefined);
    const release = raw.remoteAddress === undefined ? null : gate.admit(raw.remoteAddress);
    if (release === null) {
      raw.destroy();
      return null;
    }
    raw.once('close', release);
    const socket = new TLSSocket(raw, { ...this.tls, isServer: true });
    const peer = (await this.isSecured(socket)) ? peerOf(socket) : null;
    if (peer !== null) return new TlsChannel({ socket, peer, isDialler: false });
    gate.noteHandshakeFailure();
    abandon(socket);
    return null;
  }

  private async isSecured(socket: TLSSocket): Promise<boolean> {
    const ended = new AbortController();
    const secured = new Promise<boolean>((resolve) => {
      socket.on('error', () => undefined);
      socket.once('secure', () => {
        resolve(true);
      });
      socket.once('close', () => {
        resolve(false);
      });
    });
    const late = this.options.clock.sleep(HANDSHAKE_MS, ended.signal).then(() => false);
    try {
      return await Promise.race([secured, late]);
    } finally {
      ended.abort('ended');
    }
  }
}

function abandon(socket: Socket): void {
  socket.on('error', () => undefined);
  socket.destroy();
}

/** Refused by the other side's TLS, or by ours. */
function isOfTls(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^ERR_(SSL|TLS)/.test(String(error.code));
}

function addressOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `${SCHEME}//${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
