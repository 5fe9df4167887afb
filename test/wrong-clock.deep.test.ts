import { DAY_MS, HOUR_MS, describeWrongClock } from './support/wrong-clock.js';

describeWrongClock([
  ['an hour ahead', HOUR_MS],
  ['an hour behind', -HOUR_MS],
  ['40 days behind', -40 * DAY_MS],
]);
