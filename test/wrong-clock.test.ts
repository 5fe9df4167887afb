import { DAY_MS, describeWrongClock } from './support/wrong-clock.js';

describeWrongClock([['40 days ahead', 40 * DAY_MS]]);
