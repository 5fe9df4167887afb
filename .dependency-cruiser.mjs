/**
 * The layers of docs/architecture.md, as rules. Each package names what it may import; all else is refused.
 * @type {import('dependency-cruiser').IConfiguration}
 */
const STRATEGIES = ['source-chain', 'pairwise-dht', 'global-dht'];
const STRATEGY_NEEDS = ['history', 'cell', 'receipts', 'crypto', 'network', 'database', 'messaging'];

const MAY_IMPORT = {
  messaging: [],
  database: [],
  crypto: ['messaging'],
  network: ['messaging'],
  receipts: ['crypto', 'database', 'messaging'],
  cell: ['crypto', 'network', 'database', 'messaging'],
  delivery: ['cell', 'receipts', 'crypto', 'network', 'database', 'messaging'],
  history: ['cell', 'receipts', 'crypto', 'network', 'database', 'messaging'],
  observers: ['cell', 'crypto', 'database', 'messaging'],
  ...Object.fromEntries(STRATEGIES.map((name) => [name, STRATEGY_NEEDS])),
};

const layerRules = Object.entries(MAY_IMPORT).map(([name, allowed]) => ({
  name: `layer-${name}`,
  comment: `libs/${name} may import ${allowed.length === 0 ? 'no other package' : allowed.join(', ')}.`,
  severity: 'error',
  from: { path: `^libs/${name}/src` },
  to: { path: '^(libs|apps|test)/', pathNot: [`^libs/(${[name, ...allowed].join('|')})/`] },
}));

export default {
  forbidden: [
    ...layerRules,
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'undeclared',
      severity: 'error',
      comment: 'Tests, and suites for tests, may use what the root package.json declares.',
      from: { path: '^(libs|apps)/', pathNot: '/(test|testing|conformance)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown'] },
    },
    { name: 'unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'only-through-the-door',
      comment: 'A package is entered by the paths its package.json exports.',
      severity: 'error',
      from: { path: '^(libs|apps)/([^/]+)/' },
      to: {
        path: '^(libs|apps)/([^/]+)/src/',
        pathNot: ['^(libs|apps)/$2/', '/src/(testing/|conformance/|redis/|service/)?index\\.ts$'],
      },
    },
    {
      name: 'service-asks-the-lab',
      comment:
        'The service loads of the lab what its door for services holds, and the lab nothing of the service.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/src/' },
      to: { path: '^apps/', pathNot: ['^apps/$1/', '^apps/lab/src/service/index\\.ts$'] },
    },
    {
      name: 'strategies-are-strangers',
      severity: 'error',
      from: { path: `^libs/(${STRATEGIES.join('|')})/` },
      to: { path: `^libs/(${STRATEGIES.join('|')})/`, pathNot: '^libs/$1/' },
    },
    {
      name: 'nest-only-in-modules',
      severity: 'error',
      from: { path: '^libs/', pathNot: '\\.module\\.ts$' },
      to: { path: 'node_modules/@nestjs/' },
    },
    {
      name: 'tests-stay-out',
      severity: 'error',
      from: { path: '^(libs|apps)/[^/]+/src/', pathNot: '/src/(testing|conformance)/' },
      to: { path: '(^test/|/test/|/src/(testing|conformance)/|node_modules/(@jest|jest)/)' },
    },
    {
      name: 'sodium-only-in-crypto',
      severity: 'error',
      from: { path: '^(libs|apps|test)/', pathNot: '^libs/crypto/' },
      to: { path: 'node_modules/(libsodium|sodium-native)' },
    },
    {
      name: 'redis-only-in-network',
      severity: 'error',
      from: { path: '^(libs|apps|test)/', pathNot: '^libs/network/' },
      to: { path: 'node_modules/(redis|@redis)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.check.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@musubi/source', 'import', 'node', 'default', 'types'],
    },
  },
};
