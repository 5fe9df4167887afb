import { type NodeKey } from './node-key.js';
import { type SecureChannel } from './secure-channel.js';

export interface DialTarget {
  /** A URL whose scheme is the carrier's, such as `tcp://192.0.2.1:4040`. */
  readonly address: string;
  /** The key that the node at the address must show; null when any may answer, and its key is to be learned. */
  readonly node: NodeKey | null;
}

/** Decides on a connection by its address, before any cryptography. */
export interface Gate {
  /** @returns what to call when the connection has ended; null when it is refused */
  admit(address: string): (() => void) | null;
  /** The handshake failed, or was too slow. */
  noteHandshakeFailure(): void;
}

export interface Listening {
  /** Where others can dial; null when that is not known yet. */
  readonly address: string | null;
  /** Takes no more connections. Those that there are stay. */
  close(): void;
}

/** One way to bring bytes to another node, by the scheme of its addresses: `tcp:`, `relay:`, `sim:`. */
export interface Carrier {
  /** With its colon, as in URL.protocol. */
  readonly scheme: string;
  /**
   * @param signal aborts the dial; a channel that it already has is not affected
   * @throws LinkRefusedError when the handshake failed, or another node answered; Error when nobody did. In each case
   * nothing of a call was said.
   */
  dial(target: DialTarget, signal: AbortSignal): Promise<SecureChannel>;
  /** @returns null for a carrier that only dials */
  listen(gate: Gate, onChannel: (channel: SecureChannel) => void): Promise<Listening | null>;
}
