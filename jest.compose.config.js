import jestConfig from './jest.config.js';
import { filesOf } from './test/tiers.js';

/**
 * The tests of the Compose files, once `test/compose/run.sh` has built them. They follow one another: the engine is slow
 * to start and stop, so that each goes on with the stack that the one before has left. One file follows the other, too.
 * @type {import('jest').Config}
 */
export default {
  ...jestConfig,
  globalSetup: null,
  globalTeardown: null,
  maxWorkers: 1,
  ...filesOf('compose'),
};
