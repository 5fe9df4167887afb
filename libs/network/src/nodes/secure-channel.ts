import { type NodeKey } from './node-key.js';

/** What the user of a channel hears. */
export interface ChannelEvents {
  onData(bytes: Uint8Array): void;
  /** Once, when nothing more comes. `hasFailed` is false when the other side ended it in order. */
  onClose(hasFailed: boolean): void;
}

/**
 * A stream of bytes to another node: in order, confidential, and its ends are known. TLS 1.3 is one; a simulated one
 * needs no cryptography.
 */
export interface SecureChannel {
  /** The node at the other end has shown that it has this key. */
  readonly peer: NodeKey;
  /** This side has dialled. */
  readonly isDialler: boolean;
  /** 32 bytes that only the two ends of this channel know; another label or channel has others (RFC 8446, 7.5). */
  exportKey(label: string): Uint8Array;
  /** Called once, before anything else. What arrived earlier waits for it. */
  listen(events: ChannelEvents): void;
  /** @param onFlushed once the bytes have left this process; never for bytes that a cut has caught here */
  write(bytes: Uint8Array, onFlushed: () => void): void;
  pause(): void;
  resume(): void;
  /** Closes after what was written has left. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
}
