import { spawnSync } from 'node:child_process';
import jestConfig from './jest.config.js';
import { filesOf } from './test/tiers.js';

const isGiven = (process.env.REDIS_URL ?? '') !== '';
if (!isGiven && spawnSync('redis-server', ['--version']).error !== undefined) {
  console.error(
    'These tests need a Redis: put redis-server on the PATH (apt-get install redis-server), or set REDIS_URL.',
  );
  process.exit(1);
}

/**
 * The tests that need a real Redis: REDIS_URL if set, else a redis-server of each test file's own.
 * @type {import('jest').Config}
 */
export default {
  ...jestConfig,
  ...filesOf('redis'),
};
