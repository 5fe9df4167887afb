/** One part of `npm run test:deep`. */
export interface DeepPart {
  readonly name: string;
  /** What it takes on two cores at 2.8 GHz with nothing beside it. */
  readonly minutes: number;
  /** What `npm test` is given: a configuration, and which files. */
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

const DEEP = ['--config', 'jest.deep.config.js'];
/** For what an environment variable makes longer: of the deep tier, or of `npm test`. */
const LONGER = ['--config', 'jest.longer.config.js'];

/** In this order. Each file of the deep tier belongs to one of the parts. */
export const PARTS: readonly DeepPart[] = [
  { name: 'service', minutes: 6, arguments: [...DEEP, 'apps/(api/test/(?!comparison)|chat/)'] },
  { name: 'packages', minutes: 5, arguments: [...DEEP, 'libs/(?!(experiments|lab|network|observers)/)'] },
  {
    name: 'processes',
    minutes: 5,
    arguments: [
      ...DEEP,
      'test/(chat|client|interrupted-uploads|lifecycle|packed|path|protocols|restart|two-processes)',
    ],
  },
  {
    name: 'between-nodes',
    minutes: 5,
    arguments: [...DEEP, '(?<!libs/network/)test/(nodes/(?!files-cut)|faults/|crash/)'],
  },
  { name: 'lab', minutes: 8, arguments: [...DEEP, '((apps|libs)/lab|(libs|test)/observers)/'] },
  { name: 'variants', minutes: 2, arguments: [...DEEP, 'libs/experiments/'] },
  { name: 'comparisons', minutes: 2, arguments: [...DEEP, 'apps/api/test/comparison'] },
  { name: 'cuts', minutes: 5, arguments: [...DEEP, '(libs/network/|test/nodes/files-cut)'] },
  { name: 'benchmarks', minutes: 1, arguments: [...DEEP, 'test/bench/'] },
  { name: 'clocks', minutes: 1, arguments: [...DEEP, 'test/wrong-clock\\.'] },
  { name: 'defects', minutes: 3, arguments: [...DEEP, 'test/model/'] },
  {
    name: 'crashes',
    minutes: 9,
    arguments: [...LONGER, 'test/crash/(node|database)'],
    environment: { MUSUBI_CRASHES: '20' },
  },
  { name: 'soak', minutes: 3, arguments: [...DEEP, 'test/soak/'] },
  {
    name: 'starts',
    minutes: 8,
    arguments: [...LONGER, 'test/lifecycle/start-and-stop'],
    environment: { MUSUBI_STARTS: '200' },
  },
  {
    name: 'nodes',
    minutes: 3,
    arguments: [...LONGER, 'test/model/between-nodes'],
    environment: { MUSUBI_MODEL_RUNS: '100' },
  },
  {
    name: 'model',
    minutes: 13,
    arguments: [...LONGER, 'test/model/act-of-sending'],
    environment: { MUSUBI_MODEL_RUNS: '2000' },
  },
  {
    name: 'callees',
    minutes: 10,
    arguments: [...LONGER, 'test/crash/callee'],
    environment: { MUSUBI_CRASHES: '20' },
  },
];

export class UnknownPartError extends Error {
  override readonly name = 'UnknownPartError';
  constructor(part: string) {
    super(`There is no part ${part}. The parts are ${PARTS.map(({ name }) => name).join(', ')}.`);
  }
}

/**
 * The named parts in the order above; all where none is named. A file stands for what its part runs of it.
 * @throws UnknownPartError
 */
export function partsNamed(names: readonly string[]): readonly DeepPart[] {
  const unknown = names.find((name) => !PARTS.some((part) => part.name === name || runs(part, name)));
  if (unknown !== undefined) throw new UnknownPartError(unknown);
  return PARTS.flatMap((part) => {
    if (names.length === 0 || names.includes(part.name)) return [part];
    const files = names.filter((name) => runs(part, name));
    return files.length === 0 ? [] : [{ ...part, arguments: [...part.arguments.slice(0, -1), ...files] }];
  });
}

/** As Jest has it: the last argument is a pattern of the files' paths. */
function runs({ arguments: words }: DeepPart, file: string): boolean {
  const isOfTier = words.includes(DEEP[1] ?? '') ? file.endsWith('.deep.test.ts') : file.endsWith('.test.ts');
  return isOfTier && new RegExp(`(^|/)${words.at(-1) ?? ''}`).test(file);
}
