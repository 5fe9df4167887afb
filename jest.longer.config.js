import jestConfig from './jest.config.js';
import { filesOf } from './test/tiers.js';

/**
 * Tests of the plain and the deep tier that an environment variable makes longer: parts of `npm run test:deep`.
 * @type {import('jest').Config}
 */
export default { ...jestConfig, ...filesOf('plain', 'deep') };
