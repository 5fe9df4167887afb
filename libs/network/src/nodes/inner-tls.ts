import { type Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { type Clock } from '@musubi/messaging';
import { type Gate } from './carrier.js';
import { type NodeKey } from './node-key.js';
import { type NodeTls, abandon, connectTo, isSecured } from './node-tls.js';
import { type SecureChannel } from './secure-channel.js';
import { ALPN, TlsChannel, peerOf } from './tls-channel.js';

/**
 * The link's own TLS inside a stream that somebody else carries, and who sees none of it.
 * @throws LinkRefusedError when the handshake failed, or another node answered; Error when the stream ended before
 */
export async function dialInside(
  outer: Duplex,
  { node, tls }: { readonly tls: NodeTls; readonly node: NodeKey | null },
  signal: AbortSignal,
): Promise<SecureChannel> {
  const ended = new AbortController();
  outer.once('close', () => {
    ended.abort(new Error('the stream ended'));
  });
  const either = AbortSignal.any([signal, ended.signal]);
  const inner = await connectTo({ tls, alpn: ALPN, over: { socket: outer }, node }, either);
  bind(inner.socket, outer);
  return new TlsChannel({ ...inner, isDialler: true });
}

interface InsideParts {
  readonly tls: NodeTls;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly gate: Gate;
}

/** The same for one that has dialled this node. @returns null when the handshake failed, or was too slow */
export async function acceptInside(
  outer: Duplex,
  { clock, gate, tls }: InsideParts,
): Promise<SecureChannel | null> {
  const socket = new TLSSocket(outer, { ...tls, ALPNProtocols: [ALPN], isServer: true });
  bind(socket, outer);
  const peer = (await isSecured(socket, clock)) ? peerOf(socket) : null;
  if (peer !== null) return new TlsChannel({ socket, peer, isDialler: false });
  gate.noteHandshakeFailure();
  abandon(socket);
  return null;
}

/** Neither outlives the other. */
function bind(inner: TLSSocket, outer: Duplex): void {
  inner.once('close', () => outer.destroy());
  outer.once('close', () => {
    inner.destroy(outer.errored ?? undefined);
  });
}
