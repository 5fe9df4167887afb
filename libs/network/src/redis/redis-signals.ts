import { InProcessSignals } from '../in-process-signals.js';
import { type Signal, type SignalListener, type Signals, type Unsubscribe } from '../signals.js';
import { type RedisLink } from './redis-link.js';

interface HeardTopic {
  readonly unlisten: () => void;
  subscribers: number;
}

/**
 * Signals among the processes of one node. Subscribers of this process get theirs without Redis, so a Redis that is
 * away costs only the others'. A topic is listened to while it has a subscriber here.
 */
export class RedisSignals implements Signals {
  private readonly local = new InProcessSignals();
  private readonly topics = new Map<string, HeardTopic>();

  constructor(
    private readonly link: Pick<RedisLink, 'listen' | 'publish'>,
    /** Tells this process's own signals from the others': random, one a process. */
    private readonly processId: string,
  ) {}

  emit(topic: string, signal: Signal): void {
    this.local.emit(topic, signal);
    const frame = new TextEncoder().encode(JSON.stringify({ by: this.processId, signal }));
    void this.link.publish(channelTopic(topic), frame);
  }

  subscribe(topic: string, listener: SignalListener): Unsubscribe {
    const leave = this.local.subscribe(topic, listener);
    const heard = this.topics.get(topic) ?? this.hear(topic);
    heard.subscribers += 1;
    let isLeft = false;
    return () => {
      if (isLeft) return;
      isLeft = true;
      leave();
      heard.subscribers -= 1;
      if (heard.subscribers > 0) return;
      this.topics.delete(topic);
      heard.unlisten();
    };
  }

  private hear(topic: string): HeardTopic {
    const unlisten = this.link.listen(channelTopic(topic), (frame) => {
      const signal = signalOfOthers(frame, this.processId);
      if (signal !== null) this.local.emit(topic, signal);
    });
    const heard = { unlisten, subscribers: 0 };
    this.topics.set(topic, heard);
    return heard;
  }
}

function channelTopic(topic: string): string {
  return `signal/${topic}`;
}

/** @returns null for this process's own, which were heard already, and for what is no signal */
function signalOfOthers(frame: Uint8Array, processId: string): Signal | null {
  const value = parsed(frame);
  if (!isObject(value) || value['by'] === processId) return null;
  const signal = value['signal'];
  return isObject(signal) && isSignal(signal) ? signal : null;
}

function parsed(frame: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(frame).toString());
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isSignal(value: Readonly<Record<string, unknown>>): value is Signal {
  return Object.values(value).every((field) => typeof field === 'string');
}
