/** Which tests a file holds shows in the end of its name. */
const ENDINGS = {
  deep: '.deep.test.ts',
  redis: '.redis.test.ts',
  compose: '.compose.test.ts',
  network: '.network.test.ts',
  browser: '.browser.test.ts',
};

/** Where tests may lie. */
const FOLDERS = ['<rootDir>/{libs,apps}/*/test/**/*', '<rootDir>/test/**/*'];

/**
 * The part of Jest's configuration that chooses the files of some tiers. A file whose name says nothing else is of the
 * plain tier, which `npm test` runs.
 */
export function filesOf(...tiers) {
  const others = Object.entries(ENDINGS).filter(([name]) => !tiers.includes(name));
  return {
    testMatch: FOLDERS.flatMap((folder) => tiers.map((tier) => `${folder}${ENDINGS[tier] ?? '.test.ts'}`)),
    testPathIgnorePatterns: [
      '/node_modules/',
      ...others.map(([, ending]) => `${ending.replaceAll('.', '\\.')}$`),
    ],
  };
}
