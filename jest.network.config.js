import jestConfig from './jest.config.js';
import { filesOf } from './test/tiers.js';

/**
 * The tests of nodes in network namespaces, which `test/network/run.sh` makes room for. Each service has a database of
 * its own.
 * @type {import('jest').Config}
 */
export default {
  ...jestConfig,
  globalSetup: null,
  globalTeardown: null,
  ...filesOf('network'),
};
