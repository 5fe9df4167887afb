import { spawnSync } from 'node:child_process';
import jestConfig from './jest.config.js';
import { filesOf } from './test/tiers.js';

const { CHROMIUM: given = '' } = process.env;
const names = given === '' ? ['chromium', 'chromium-browser', 'google-chrome'] : [given];
const found = names.find((name) => spawnSync(name, ['--version']).status === 0);
if (found === undefined) {
  console.error(
    'These tests need a Chromium: put one on the PATH (apt-get install chromium), or name it in CHROMIUM.',
  );
  process.exit(1);
}
process.env.CHROMIUM = found;

/**
 * The tests in a browser, which they find in CHROMIUM.
 * @type {import('jest').Config}
 */
export default {
  ...jestConfig,
  ...filesOf('browser'),
};
