import { type Activity, activityOf } from '../inference/activity.js';
import { type SizedRow, type Sizes } from '../inference/equal-sizes.js';
import { type HeldRow, type Observer } from './observer.js';
import { sizesOf } from './sizes.js';

/** A frame that was published through Redis, as its operator sees it (`MONITOR`): its content is sealed. */
export interface TappedFrame {
  readonly channel: string;
  /** How long it is, sealed. */
  readonly bytes: number;
  /** µs since the epoch, by Redis's clock */
  readonly at: number;
}

/** Channels taken for somebody each, as they are numbered in `channels`: there is nothing else to call them by. */
export interface Pseudonyms {
  readonly channels: readonly string[];
  /** Which channel carried a frame when. */
  readonly activity: Activity;
  readonly sizes: Sizes;
}

/**
 * Who runs the Redis through which the processes of a node reach one another: on which channel frames pass, when, and
 * how long they are. Where a channel's name says whose it is, that is who acts. Where it does not, channels can
 * still be told to belong together: that is a graph without names, `pseudonyms`.
 */
export class RedisTap implements Observer {
  readonly name = 'redis-tap';

  constructor(private readonly frames: Iterable<TappedFrame>) {}

  *rows(): Generator<HeldRow> {
    for (const { channel, bytes, at } of this.frames) {
      yield { table: 'redis-frame', values: { channel, bytes }, at };
    }
  }

  /** One pass over all frames; from here on whatever infers pairs of agents infers pairs of channels. */
  pseudonyms(): Pseudonyms {
    const numbers = new Map<string, number>();
    const lengths = new Map<number, SizedRow[]>();
    const acts: { readonly agent: number; readonly at: number }[] = [];
    for (const { channel, bytes, at } of this.frames) {
      const agent = numbers.get(channel) ?? numbers.size;
      numbers.set(channel, agent);
      acts.push({ agent, at });
      const equal = lengths.get(bytes) ?? [];
      lengths.set(bytes, equal);
      equal.push({ agent, at });
    }
    const channels = [...numbers.keys()];
    return {
      channels,
      activity: activityOf(channels.length, acts),
      sizes: sizesOf(channels.length, [lengths]),
    };
  }
}
