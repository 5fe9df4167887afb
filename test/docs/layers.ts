import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What each package, or each module of the service, imports of the others, by name. */
type Imports = ReadonlyMap<string, ReadonlySet<string>>;

const IMPORTED = /(?:from|import) '@musubi\/([a-z-]+)/g;
const MODULE = /^([a-z-]+)\/\1\.module\.ts$/;
const IMPORTED_MODULE = /from '\.\.\/([a-z-]+)\/\1\.module\.js'/g;

/** What the sources of each package under `root` import of others. The command line of the lab is `apps/lab`. */
export async function importsUnder(root: string): Promise<Imports> {
  const found = await Promise.all(['libs', 'apps'].map((folder) => importsIn(root, folder)));
  return new Map(found.flat());
}

async function importsIn(root: string, folder: string): Promise<readonly (readonly [string, Set<string>])[]> {
  const names = await readdir(join(root, folder));
  return Promise.all(
    names.map(
      async (name) => [nameOf(folder, name), await importsOf(join(root, folder, name, 'src'))] as const,
    ),
  );
}

function nameOf(folder: string, name: string): string {
  return folder === 'apps' ? `apps/${name}` : name;
}

async function importsOf(folder: string): Promise<Set<string>> {
  const files = await readdir(folder, { recursive: true });
  const sources = files.filter((file) => file.endsWith('.ts'));
  const texts = await Promise.all(sources.map((file) => readFile(join(folder, file), 'utf8')));
  return new Set(texts.flatMap((text) => [...text.matchAll(IMPORTED)].map(([, name = '']) => name)));
}

/** What the Nest modules in the folders of `sources` import of each other: `messages/messages.module.ts` is `messages`. */
export async function modulesUnder(sources: string): Promise<Imports> {
  const files = (await readdir(sources, { recursive: true })).filter((file) => MODULE.test(file));
  const modules = files.map(async (file) => {
    const text = await readFile(join(sources, file), 'utf8');
    const imported = [...text.matchAll(IMPORTED_MODULE)].map(([, name = '']) => name);
    return [file.replace(MODULE, '$1'), new Set(imported)] as const;
  });
  return new Map(await Promise.all(modules));
}

/** Whether `from` imports `to`, itself or through others. */
function reaches(imports: Imports, from: string, to: string): boolean {
  const next = [...(imports.get(from) ?? [])];
  return next.includes(to) || next.some((name) => reaches(imports, name, to));
}

/** Lines of a Mermaid flowchart. An import that others imply has no arrow. */
export function arrowsOf(imports: Imports): readonly string[] {
  return [...imports.keys()].toSorted().flatMap((name) => {
    const all = [...(imports.get(name) ?? [])];
    const own = all.filter((to) => !all.some((between) => between !== to && reaches(imports, between, to)));
    return own.length === 0 ? [] : [`  ${name} --> ${own.toSorted().join(' & ')}`];
  });
}
