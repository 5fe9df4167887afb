import { hash } from '@musubi/crypto';
import { type NodeKey } from '../node-key.js';
import { type ChannelEvents, type SecureChannel } from '../secure-channel.js';
import { type SimPipe } from './sim-pipe.js';

interface SimChannelParts {
  readonly peer: NodeKey;
  readonly isDialler: boolean;
  /** Known to both ends. */
  readonly secret: Uint8Array;
  /** This end was destroyed: after a while, the other one hears of it. */
  readonly onDestroyed: () => void;
  /** This end was closed, after everything that was written has arrived. */
  readonly onEnded: () => void;
  readonly onClosed: () => void;
}

/** One end of a simulated connection. */
export class SimChannel implements SecureChannel {
  readonly peer: NodeKey;
  readonly isDialler: boolean;
  /** Set when both ends are there. */
  outgoing: SimPipe | undefined;
  /** What is written is lost, and neither end hears of it. */
  isDark = false;
  private events: ChannelEvents | undefined;
  private isClosed = false;
  private isPaused = true;
  private go: (() => void)[] = [];

  constructor(private readonly parts: SimChannelParts) {
    this.peer = parts.peer;
    this.isDialler = parts.isDialler;
  }

  exportKey(label: string): Uint8Array {
    return hash('musubi/sim/exporter', this.parts.secret, new TextEncoder().encode(label));
  }

  listen(events: ChannelEvents): void {
    this.events = events;
    this.resume();
    if (this.isClosed) events.onClose(true);
  }

  write(bytes: Uint8Array, onFlushed: () => void): void {
    if (!this.isClosed) this.outgoing?.write(bytes, onFlushed);
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    for (const resume of this.go.splice(0)) resume();
  }

  end(): void {
    this.outgoing?.afterAll(this.parts.onEnded);
  }

  destroy(): void {
    if (this.isClosed) return;
    this.close(true);
    this.parts.onDestroyed();
  }

  /** Nothing more comes, and nothing more leaves. */
  close(hasFailed: boolean): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.outgoing?.kill();
    this.parts.onClosed();
    this.resume();
    this.events?.onClose(hasFailed);
  }

  darken(): void {
    this.isDark = true;
    this.outgoing?.kill();
  }

  async receive(bytes: Uint8Array): Promise<void> {
    while (this.isPaused) await new Promise<void>((resolve) => this.go.push(resolve));
    if (!this.isClosed) this.events?.onData(bytes);
  }
}
