import { type TLSSocket } from 'node:tls';
import { type NodeKey, parseNodeKey } from './node-key.js';
import { type ChannelEvents, type SecureChannel } from './secure-channel.js';

export const ALPN = 'musubi/1';
const KEY_BYTES = 32;

/** The node key at the other end; null unless it speaks the protocol and has shown an Ed25519 key. */
export function peerOf(socket: TLSSocket, alpn = ALPN): NodeKey | null {
  const key = socket.getPeerX509Certificate()?.publicKey;
  if (socket.alpnProtocol !== alpn || key?.asymmetricKeyType !== 'ed25519') return null;
  const { x } = key.export({ format: 'jwk' });
  return x === undefined ? null : parseNodeKey(x);
}

interface TlsChannelParts {
  /** Connected, and its peer known. */
  readonly socket: TLSSocket;
  readonly peer: NodeKey;
  readonly isDialler: boolean;
}

/** A TLS 1.3 connection, over whatever stream it runs. */
export class TlsChannel implements SecureChannel {
  readonly peer: NodeKey;
  readonly isDialler: boolean;
  private readonly socket: TLSSocket;
  private hasFailed = false;

  constructor({ isDialler, peer, socket }: TlsChannelParts) {
    this.peer = peer;
    this.isDialler = isDialler;
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('error', () => {
      this.hasFailed = true;
    });
  }

  exportKey(label: string): Uint8Array {
    return this.socket.exportKeyingMaterial(KEY_BYTES, label, Buffer.alloc(0));
  }

  listen(events: ChannelEvents): void {
    this.socket.on('data', (bytes: Uint8Array) => {
      events.onData(bytes);
    });
    this.socket.once('close', () => {
      events.onClose(this.hasFailed);
    });
    // One that is closed already has no more events.
    if (this.socket.closed) events.onClose(true);
  }

  write(bytes: Uint8Array, onFlushed: () => void): void {
    if (!this.socket.writable) return;
    this.socket.write(bytes, (error) => {
      if (error === null || error === undefined) onFlushed();
    });
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }
}
