import { relative } from 'node:path';
import Sequencer from '@jest/test-sequencer';

/** Suites of a minute or more: begun last, each would run alone while the other cores wait. */
const LONG = [
  'test/model/',
  'test/faults/',
  'test/crash/',
  'test/nodes/',
  'test/lifecycle/',
  '.conformance.test.ts',
];

/** A fresh checkout has no times of earlier runs to go by: the suites known to be long begin first. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path, context }) => {
      const name = relative(context.config.rootDir, path);
      const place = LONG.findIndex((part) => name.includes(part));
      return place === -1 ? LONG.length : place;
    };
    return super.sort(tests).sort((one, other) => rank(one) - rank(other));
  }
}
