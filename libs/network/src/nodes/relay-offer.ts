import { type TLSSocket } from 'node:tls';
import { type Allowance } from './allowance.js';
import { SIGNALS, readSignal } from './relay-protocol.js';

/** Limits how long one wait may take. */
type InTime = <Value>(work: (signal: AbortSignal) => Promise<Value>) => Promise<Value>;

/** A connection of a node that waits at a relay to be called. */
export class RelayOffer {
  private isClaimed = false;
  private ready: () => void = () => undefined;
  private readonly whenReady = new Promise<void>((resolve) => (this.ready = resolve));

  constructor(
    readonly socket: TLSSocket,
    private readonly pings: Allowance,
  ) {}

  /**
   * Answers pings until the node is called and ready.
   * @throws Error when it is silent or gone, says something else, or pings more than is due
   */
  async wait(inTime: InTime): Promise<void> {
    for (;;) {
      const said = await inTime((signal) => readSignal(this.socket, signal));
      if (said === SIGNALS.ready && this.isClaimed) break;
      if (said !== SIGNALS.ping || !this.pings.take(1)) throw new Error('not a signal that is due');
      // After `go` it waits for nothing but the call.
      if (!this.isClaimed) this.socket.write(Uint8Array.of(SIGNALS.ping));
    }
    this.ready();
  }

  /** Tells the node that it is called. Resolves when what comes next on the connection is the call's. */
  async claim(signal: AbortSignal): Promise<void> {
    this.isClaimed = true;
    this.socket.write(Uint8Array.of(SIGNALS.go));
    await Promise.race([this.whenReady, gone(this.socket), aborted(signal)]);
  }
}

function gone(socket: TLSSocket): Promise<never> {
  return new Promise((_resolve, reject) => {
    socket.once('close', () => {
      reject(new Error('the node is gone'));
    });
  });
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('too late'));
    });
  });
}
