/**
 * Moves the time of day of a process by the milliseconds in the file that FAKE_CLOCK names, whenever it is asked for:
 *   node --import ./test/support/fake-clock.js …
 * Timers and `performance.now()` stay as they are.
 */
import { readFileSync } from 'node:fs';

const file = process.env.FAKE_CLOCK ?? '';
const RightDate = Date;
const wrongNow = () => RightDate.now() + Number(readFileSync(file, 'utf8'));

globalThis.Date = class extends RightDate {
  static now() {
    return wrongNow();
  }

  constructor(...given) {
    if (given.length === 0) super(wrongNow());
    else super(...given);
  }
};
