import { pack } from './test/support/pack.js';
import { PACKED, packedFileOf } from './test/support/packed.js';
import { SWC_OPTIONS } from './test/support/swc.js';
import { filesOf } from './test/tiers.js';

await pack();

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@musubi/source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    ...Object.fromEntries(PACKED.map((name) => [`^${name.replaceAll('.', '\\.')}$`, packedFileOf(name)])),
  },
  modulePathIgnorePatterns: ['/dist/', '/\\.data/'],
  ...filesOf('plain'),
  transform: { '^.+\\.ts$': ['@swc/jest', SWC_OPTIONS] },
  testSequencer: '<rootDir>/test/support/longest-first.js',
  globalSetup: '<rootDir>/test/support/global-setup.js',
  globalTeardown: '<rootDir>/test/support/stop-postgres.ts',
  reporters: ['default', '<rootDir>/test/support/summary-reporter.js'],
  // Only a hang takes so long: see test/support/patience.ts.
  testTimeout: 900_000,
  // By default one core fewer than there are, and so one of two; most suites wait for processes of their own.
  maxWorkers: '100%',
};
