import jestConfig from './jest.config.js';
import { filesOf } from './test/tiers.js';

/**
 * The tests that take long, or whose kind `npm test` proves with one example. `npm run test:deep` runs them part by part.
 * @type {import('jest').Config}
 */
export default { ...jestConfig, ...filesOf('deep') };
