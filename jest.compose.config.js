import jestConfig from './jest.config.js';
import { filesOf } from './test/tiers.js';

/**
 * The tests of docker-compose.yml, once `test/compose/run.sh` has built it. They follow one another: the engine is slow
 * to start and stop, so that each goes on with the stack that the one before has left.
 * @type {import('jest').Config}
 */
export default {
  ...jestConfig,
  globalSetup: null,
  globalTeardown: null,
  ...filesOf('compose'),
};
