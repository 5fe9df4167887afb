import { type RawChange } from './types.js';

/** More messages than are on their way at once. */
const MOST_REMEMBERED = 1000;

/**
 * Knows what was shown last of each message. The service reads a change and the message's state one after the other, so that a
 * state may be shown early, with the change before it, and once more with its own.
 */
export class Repeats {
  private readonly shown = new Map<string, string>();

  /** Whether it says what the change before it said of the same message. */
  isRepeat(change: RawChange): boolean {
    const id = `${change.strategy} ${change.type === 'deleted' ? change.id : change.message.id}`;
    const state = JSON.stringify(change);
    if (this.shown.get(id) === state) return true;
    this.shown.delete(id);
    this.shown.set(id, state);
    const [oldest] = this.shown.keys();
    if (oldest !== undefined && this.shown.size > MOST_REMEMBERED) this.shown.delete(oldest);
    return false;
  }
}
