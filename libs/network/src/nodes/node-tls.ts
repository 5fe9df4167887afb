import { constants } from 'node:crypto';
import { once } from 'node:events';
import { type Duplex } from 'node:stream';
import { type CommonConnectionOptions, type TLSSocket, connect, createSecureContext } from 'node:tls';
import { type Clock } from '@musubi/messaging';
import { type NodeIdentity } from './node-identity.js';
import { type NodeKey } from './node-key.js';
import { LinkRefusedError } from './refusals.js';
import { peerOf } from './tls-channel.js';

/** How long another node has for its part of a handshake. */
export const HANDSHAKE_MS = 2000;

export type NodeTls = CommonConnectionOptions & { readonly requestCert: boolean };

/** TLS 1.3, both sides with certificates that nobody but they have signed. */
export function nodeTls(identity: NodeIdentity): NodeTls {
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
  // No authority has signed the certificates: the key is pinned instead, in peerOf() and connectTo().
  return { secureContext, requestCert: true, rejectUnauthorized: false };
}

interface ConnectTarget {
  readonly tls: NodeTls;
  readonly alpn: string;
  /** A TCP address, or a stream that there is. */
  readonly over: { readonly host: string; readonly port: number } | { readonly socket: Duplex };
  /** The key that the other side must show; null for any. */
  readonly node: NodeKey | null;
}

/** @throws LinkRefusedError when the handshake failed, or another node answered; Error when nobody did */
export async function connectTo(
  { alpn, node, over, tls }: ConnectTarget,
  signal: AbortSignal,
): Promise<{ readonly socket: TLSSocket; readonly peer: NodeKey }> {
  const socket = connect({ ...tls, ...over, ALPNProtocols: [alpn] });
  try {
    await once(socket, 'secureConnect', { signal });
    const peer = peerOf(socket, alpn);
    if (peer === null || peer !== (node ?? peer)) throw new LinkRefusedError('wrong-node');
    return { socket, peer };
  } catch (error) {
    abandon(socket);
    throw isOfTls(error) ? new LinkRefusedError('handshake') : error;
  }
}

/** On the listening side. @returns false when the handshake failed, or was too slow */
export async function isSecured(socket: TLSSocket, clock: Pick<Clock, 'sleep'>): Promise<boolean> {
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
  const late = clock.sleep(HANDSHAKE_MS, ended.signal).then(() => false);
  try {
    return await Promise.race([secured, late]);
  } finally {
    ended.abort('ended');
  }
}

export function abandon(socket: Duplex): void {
  socket.on('error', () => undefined);
  socket.destroy();
}

/** Refused by the other side's TLS, or by ours. */
function isOfTls(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^ERR_(SSL|TLS)/.test(String(error.code));
}

/** Of an address such as `tcp://192.0.2.1:4040` or `tcp://[::1]:4040`. */
export function hostAndPort(address: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(address);
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}
