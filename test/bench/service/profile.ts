import { z } from 'zod';

export const PARTS = [
  'HTTP',
  'validation',
  'crypto',
  'encoding',
  'SQL',
  'logging',
  'placements',
  'API',
  'Node',
  'collection',
  'waiting',
  'probe',
] as const;
export type Part = (typeof PARTS)[number];

const NO_TIME: Readonly<Record<Part, number>> = {
  HTTP: 0,
  validation: 0,
  crypto: 0,
  encoding: 0,
  SQL: 0,
  logging: 0,
  placements: 0,
  API: 0,
  Node: 0,
  collection: 0,
  waiting: 0,
  probe: 0,
};

/** What V8 writes: a tree of frames, and which of them was on top at each sample. */
const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string() }),
      children: z.array(z.number()).optional(),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});
type CpuProfile = z.infer<typeof profileSchema>;

export function parseProfile(text: string): CpuProfile {
  return profileSchema.parse(JSON.parse(text));
}

/** The first that fits a frame's address. */
const BY_ADDRESS: readonly (readonly [RegExp, Part])[] = [
  [/^node:inspector|\/test\/bench\//, 'probe'],
  [/\/cborg\/|\/canonical\.js$/, 'encoding'],
  [/^wasm:|libsodium|sodium-native|\/libs\/crypto\//, 'crypto'],
  [/\/zod\//, 'validation'],
  [/\/typeorm\/|\/pg(-[a-z]+)?\/|\/libs\/database\//, 'SQL'],
  [/\/pino\/|\/sonic-boom\/|\/thread-stream\//, 'logging'],
  [
    /\/fastify|\/@fastify\/|\/@nestjs\/|\/find-my-way\/|\/rxjs\/|\/avvio\/|\/secure-json-parse\/|^node:_?http/,
    'HTTP',
  ],
  [/\/libs\//, 'placements'],
  [/\/apps\/api\//, 'API'],
  [/\/node_modules\//, 'HTTP'],
];

const BY_NAME: Readonly<Record<string, Part>> = { '(garbage collector)': 'collection', '(idle)': 'waiting' };

/** What a frame is part of by itself; `null` for Node's own, which work for their caller. */
export function partOf({ functionName, url }: CpuProfile['nodes'][number]['callFrame']): Part | null {
  return BY_NAME[functionName] ?? BY_ADDRESS.find(([address]) => address.test(url))?.[1] ?? null;
}

/** Self time in milliseconds. Node's own functions count for the nearest caller that is part of something. */
export function timeByPart({ nodes, samples, timeDeltas }: CpuProfile): Record<Part, number> {
  const parents = new Map(
    nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  );
  const parts = new Map<number, Part>();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const partAt = (id: number | undefined): Part => {
    if (id === undefined) return 'Node';
    const node = byId.get(id);
    const part =
      parts.get(id) ?? (node === undefined ? null : partOf(node.callFrame)) ?? partAt(parents.get(id));
    parts.set(id, part);
    return part;
  };
  const times = { ...NO_TIME };
  for (const [index, id] of samples.entries()) times[partAt(id)] += (timeDeltas[index] ?? 0) / 1000;
  return times;
}

/** Milliseconds of the service's main thread for one act. */
export interface ProfileFigures {
  readonly parts: Readonly<Record<Part, number>>;
  /** The functions with most self time. */
  readonly hottest: readonly HotFunction[];
}

interface HotFunction {
  readonly name: string;
  readonly address: string;
  readonly ms: number;
}

const HOTTEST = 25;

export function profileFigures(profile: CpuProfile, acts: number): ProfileFigures {
  const parts = timeByPart(profile);
  for (const part of PARTS) parts[part] /= acts;
  const hottest = functionTimes(profile)
    .slice(0, HOTTEST)
    .map(({ ms, ...of }) => ({ ...of, ms: ms / acts }));
  return { parts, hottest };
}

function functionTimes({ nodes, samples, timeDeltas }: CpuProfile): readonly HotFunction[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const times = new Map<string, HotFunction>();
  for (const [index, id] of samples.entries()) {
    const { functionName: name, url } = frames.get(id) ?? { functionName: '?', url: '' };
    const address = url.replace(/^.*\/(?=node_modules|libs|apps)/, '');
    const key = `${name} ${address}`;
    const ms = (times.get(key)?.ms ?? 0) + (timeDeltas[index] ?? 0) / 1000;
    times.set(key, { name, address, ms });
  }
  return [...times.values()].sort((one, other) => other.ms - one.ms);
}
