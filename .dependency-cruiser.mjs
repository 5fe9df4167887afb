/**
 * The layers of docs/architecture.md, as rules. Each package names what it may import; all else is refused.
 * @type {import('dependency-cruiser').IConfiguration}
 */
const STRATEGIES = ['source-chain', 'pairwise-dht', 'global-dht'];
const STRATEGY_NEEDS = ['history', 'cell', 'receipts', 'crypto', 'network', 'database', 'messaging'];

/** What only tests load. */
const TEST_CODE = '(/test/|/src/testing/|^libs/(conformance|testing)/)';

const MAY_IMPORT = {
  messaging: [],
  client: [],
  audit: ['messaging'],
  conformance: ['audit', 'messaging'],
  database: [],
  'embedded-postgres': ['database'],
  crypto: ['messaging'],
  network: ['crypto', 'messaging'],
  membership: ['crypto', 'network', 'database', 'messaging'],
  receipts: ['crypto', 'database', 'messaging'],
  cell: ['crypto', 'network', 'database', 'messaging'],
  delivery: ['cell', 'receipts', 'crypto', 'network', 'database', 'messaging'],
  history: ['cell', 'receipts', 'crypto', 'network', 'database', 'messaging'],
  lab: [
    'node',
    'experiments',
    'observers',
    'audit',
    'embedded-postgres',
    ...STRATEGIES,
    'delivery',
    ...STRATEGY_NEEDS,
  ],
  observers: ['cell', 'crypto', 'database', 'messaging'],
  ...Object.fromEntries(STRATEGIES.map((name) => [name, STRATEGY_NEEDS])),
  node: [...STRATEGIES, 'delivery', 'membership', ...STRATEGY_NEEDS],
  experiments: ['global-dht', 'source-chain', ...STRATEGY_NEEDS],
  testing: ['node', 'experiments', 'conformance', ...STRATEGIES, 'delivery', ...STRATEGY_NEEDS],
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
      name: 'no-circular-folders',
      severity: 'error',
      scope: 'folder',
      comment: 'Folders of a package are layers too.',
      from: { path: '^(libs|apps)/[^/]+/src' },
      to: { circular: true },
    },
    {
      name: 'undeclared',
      severity: 'error',
      comment: 'Tests, and suites for tests, may use what the root package.json declares.',
      from: { path: '^(libs|apps)/', pathNot: TEST_CODE },
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
        pathNot: ['^(libs|apps)/$2/', '/src/(testing/|links/|nodes/|redis/|service/)?index\\.ts$'],
      },
    },
    {
      name: 'apps-are-strangers',
      severity: 'error',
      from: { path: '^apps/([^/]+)/src/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'chat-is-a-client',
      comment: 'What the chat needs that the client does not give, every user of the client lacks.',
      severity: 'error',
      from: { path: '^apps/chat/src/' },
      to: { path: '^libs/', pathNot: '^libs/client/' },
    },
    {
      name: 'service-asks-the-lab',
      comment:
        'The service loads of the lab what its door for services holds: nothing that measures or draws.',
      severity: 'error',
      from: { path: '^apps/api/src/' },
      to: { path: '^libs/lab/', pathNot: '^libs/lab/src/service/index\\.ts$' },
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
      from: { path: '^(libs|apps)/[^/]+/src/', pathNot: TEST_CODE },
      to: { path: `(^test/|${TEST_CODE}|node_modules/(@jest|jest)/)` },
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
