import { type Log } from '@musubi/messaging';
import { ClientClosedError, ClientOfflineError, ErrorReply, createClient } from 'redis';
import { type RedisSeal } from './redis-seal.js';

/** Far above any letter (64 KiB of text, sealed and padded). */
export const MAX_FRAME_BYTES = 1024 * 1024;
/** Commands without an answer yet. A Redis that hangs costs so many of them, and then refuses at once. */
const MAX_COMMANDS = 10_000;
const FIRST_RECONNECT_MS = 50;
const LONGEST_RECONNECT_MS = 2000;

type FrameListener = (frame: Uint8Array) => void;

/** How many processes were reached, or why it is not known. */
export type Published =
  { readonly kind: 'sent'; readonly receivers: number } | { readonly kind: 'not-sent' | 'unknown' };

interface RedisLinkOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string;
  readonly seal: RedisSeal;
  readonly log: Log;
}

/**
 * This process's one connection to Redis: frames by topic, published and heard. It comes and goes without anybody
 * being thrown at: what cannot leave is not kept for later, and what is listened to is listened to again after a
 * reconnection.
 */
export class RedisLink {
  private readonly client: ReturnType<typeof clientFor>;
  private readonly listeners = new Map<string, FrameListener>();
  /** The channels that Redis has confirmed; the client subscribes them again by itself after a reconnection. */
  private readonly held = new Set<string>();
  /** The channels of which Redis has to be told: listened to and not held, or the reverse. */
  private readonly changed = new Set<string>();
  private readonly onCut = new Set<() => void>();
  private readonly onBack = new Set<() => void>();
  private isSettling = false;
  private isToldLost = false;

  constructor(private readonly options: RedisLinkOptions) {
    this.client = clientFor(options.url)
      .on('ready', () => {
        this.isToldLost = false;
        void this.whenIdle().then(() => {
          for (const callback of this.onBack) callback();
        });
      })
      .on('error', (error: Error) => {
        this.noteLost(error);
      });
  }

  /** Starts to connect, and goes on until it is closed. */
  open(): void {
    // Rejects only when it is closed before it ever connected; each failure is an 'error' event.
    this.client.connect().catch(() => undefined);
  }

  close(): void {
    this.client.destroy();
    this.cut();
  }

  get isUp(): boolean {
    return this.client.isReady;
  }

  /** Hears the topic, as soon as Redis is there. One listener a topic. */
  listen(topic: string, listener: FrameListener): () => void {
    const channel = this.options.seal.channelOf(topic);
    if (this.listeners.has(channel)) throw new Error('this topic has a listener');
    this.listeners.set(channel, listener);
    this.tell(channel);
    return () => {
      if (this.listeners.get(channel) === listener) this.listeners.delete(channel);
      this.tell(channel);
    };
  }

  /** Whether what is published to the topic now will be heard here. */
  hears(topic: string): boolean {
    return this.isUp && this.held.has(this.options.seal.channelOf(topic));
  }

  /** Which of the topics some process of the node listens to. @returns none of them while Redis is away */
  async listened(topics: readonly string[]): Promise<readonly string[]> {
    const channels = topics.map((topic) => this.options.seal.channelOf(topic));
    try {
      const listeners = await this.client.pubSubNumSub(channels);
      return topics.filter((_, index) => Number(listeners[channels[index] ?? '']) > 0);
    } catch {
      return [];
    }
  }

  /** Calls back whenever the connection is lost: answers that were under way will not come. */
  whenCut(callback: () => void): void {
    this.onCut.add(callback);
  }

  /** Calls back whenever there is a connection and Redis knows what is listened to, the first time included. */
  whenBack(callback: () => void): void {
    this.onBack.add(callback);
  }

  /** Never rejects. */
  async publish(topic: string, frame: Uint8Array): Promise<Published> {
    if (frame.length > MAX_FRAME_BYTES) return { kind: 'not-sent' };
    const { seal } = this.options;
    const channel = seal.channelOf(topic);
    try {
      const receivers = await this.client.publish(channel, Buffer.from(seal.seal(channel, frame)));
      return { kind: 'sent', receivers };
    } catch (error) {
      return { kind: hasNotLeft(error) ? 'not-sent' : 'unknown' };
    }
  }

  /** Takes a name that only one process gets. @returns false when another has it, or Redis is away */
  async claim(name: string, forMs: number): Promise<boolean> {
    const expiration = { type: 'PX', value: forMs } as const;
    try {
      const key = this.options.seal.channelOf(name);
      return (await this.client.set(key, '1', { condition: 'NX', expiration })) === 'OK';
    } catch {
      return false;
    }
  }

  private tell(channel: string): void {
    this.note(channel);
    void this.whenIdle();
  }

  /** What came and went again while Redis was away need not be told, nor remembered. */
  private note(channel: string): void {
    if (this.listeners.has(channel) === this.held.has(channel)) this.changed.delete(channel);
    else this.changed.add(channel);
  }

  /** Tells Redis what changed, in batches: one at a time, so that the last word on a channel is the last said. */
  private async whenIdle(): Promise<void> {
    if (this.isSettling) return;
    this.isSettling = true;
    let isRefused = false;
    while (this.isUp && this.changed.size > 0 && !isRefused) {
      const channels = [...this.changed];
      try {
        await this.subscribe(channels.filter((each) => this.listeners.has(each)));
        await this.unsubscribe(channels.filter((each) => !this.listeners.has(each) && this.held.has(each)));
      } catch {
        // Cut in between, or refused: told again after the reconnection.
        isRefused = true;
      }
      // Listeners may have come and gone meanwhile.
      for (const channel of channels) this.note(channel);
    }
    this.isSettling = false;
  }

  private async subscribe(channels: string[]): Promise<void> {
    if (channels.length === 0) return;
    await this.client.subscribe(channels, this.hear, true);
    for (const channel of channels) this.held.add(channel);
  }

  private async unsubscribe(channels: string[]): Promise<void> {
    if (channels.length === 0) return;
    await this.client.unsubscribe(channels, this.hear, true);
    for (const channel of channels) this.held.delete(channel);
  }

  /** One function for all channels: subscribing it twice is subscribing it once. */
  private readonly hear = (sealed: Buffer, channelBytes: Buffer): void => {
    const channel = channelBytes.toString();
    const listener = this.listeners.get(channel);
    if (listener === undefined || sealed.length > 2 * MAX_FRAME_BYTES) return;
    const frame = this.options.seal.open(channel, sealed);
    if (frame !== null) listener(frame);
    else this.options.log.warn('redis-frame-refused', { bytes: sealed.length });
  };

  /** A reconnection that fails again and again is told of once. */
  private noteLost(error: Error): void {
    if (this.isUp) return;
    if (!this.isToldLost) this.options.log.warn('redis-lost', { error: error.name, reason: reasonOf(error) });
    this.isToldLost = true;
    this.cut();
  }

  private cut(): void {
    for (const callback of this.onCut) callback();
  }
}

function clientFor(url: string) {
  return createClient({
    url,
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_COMMANDS,
    socket: {
      reconnectStrategy: (retries) => Math.min(FIRST_RECONNECT_MS * 2 ** retries, LONGEST_RECONNECT_MS),
    },
  });
}

/** Refused by the client before it was written, or by Redis. Anything else may have left. */
function hasNotLeft(error: unknown): boolean {
  return (
    error instanceof ClientOfflineError || error instanceof ClientClosedError || error instanceof ErrorReply
  );
}

/** A code where there is one, else what was said: `NOAUTH …`, `DENIED …`. */
function reasonOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
