import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { CACHE, PACK_FOLDER, packedFileOf } from './packed.js';
import { SWC_OPTIONS } from './swc.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SELF = fileURLToPath(import.meta.url);
const DAY_MS = 86_400_000;

/** What a test starts, and what that forks. */
const ENTRIES = {
  main: 'apps/api/src/main.ts',
  child: 'libs/lab/src/service/child.ts',
  'thumbnail-worker': 'apps/api/src/files/thumbnail-worker.ts',
};
/** These find what they start beside themselves, in the pack as in the sources. All others find their files beside their source. */
const FORKS = ['libs/lab/src/service/comparison-process.ts', 'apps/api/src/files/thumbnail-process.ts'];

/** @returns the service's own sources and manifests by path, as they are now */
async function readSources() {
  const folders = ['apps/api', ...(await readdir(join(ROOT, 'libs'))).map((name) => `libs/${name}`)];
  const paths = await Promise.all(
    folders.map(async (folder) => {
      const files = await readdir(join(ROOT, folder, 'src'), { recursive: true }).catch(() => []);
      const sources = files.filter((file) => file.endsWith('.ts')).map((file) => join(folder, 'src', file));
      return [join(folder, 'package.json'), ...sources].filter((path) => existsSync(join(ROOT, path)));
    }),
  );
  const read = async (path) => [path, await readFile(join(ROOT, path), 'utf8')];
  return new Map(await Promise.all(paths.flat().toSorted().map(read)));
}

async function folderFor(sources) {
  const hash = createHash('sha256').update(`${ROOT}\n${basename(PACK_FOLDER)}\n`);
  hash.update(await readFile(SELF));
  for (const [path, source] of sources) hash.update(`${path}\n${source}\n`);
  return join(CACHE, `service-${hash.digest('hex').slice(0, 16)}`);
}

/** The sources, compiled as elsewhere; a source file imports `./x.js`, and is `x.ts`. */
function ownSources(sources) {
  return {
    name: 'own-sources',
    setup(build) {
      build.onResolve({ filter: /^\.{1,2}\/.*\.js$/ }, ({ path, resolveDir, importer }) => {
        const source = join(resolveDir, path.replace(/\.js$/, '.ts'));
        return importer.endsWith('.ts') && existsSync(source) ? { path: source } : undefined;
      });
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const name = relative(ROOT, path);
        const { transform } = await import('@swc/core');
        const options = { ...SWC_OPTIONS, filename: path, swcrc: false, sourceMaps: 'inline' };
        const { code } = await transform(sources.get(name), options);
        const url = JSON.stringify(pathToFileURL(path).href);
        return {
          contents: FORKS.includes(name) ? code : code.replaceAll('import.meta.url', url),
          loader: 'js',
        };
      });
    },
  };
}

/** Other people's packages stay outside, each as the file that the sources would load. */
const packages = {
  name: 'packages',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, kind, importer, resolveDir }) => {
      if (pluginData === packages || path.startsWith('node:') || path.startsWith('@musubi/'))
        return undefined;
      const packed = packedFileOf(path);
      if (packed !== undefined) return { path: packed, external: true };
      const found = await build.resolve(path, { kind, importer, resolveDir, pluginData: packages });
      return { ...found, external: true };
    });
  },
};

async function packInto(folder, sources) {
  const { build } = await import('esbuild');
  await build({
    entryPoints: Object.entries(ENTRIES).map(([out, source]) => ({ in: join(ROOT, source), out })),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@musubi/source'],
    keepNames: true,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    logLevel: 'error',
    plugins: [ownSources(sources), packages],
  });
}

/** Another run may still use what is young. */
async function sweep() {
  for (const name of (await readdir(CACHE)).filter((each) => each.startsWith('service-'))) {
    const { mtimeMs } = await stat(join(CACHE, name)).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > DAY_MS) await rm(join(CACHE, name), { recursive: true, force: true });
  }
}

/**
 * Packs the service's sources into a few files, unless that has been done for sources like these: to find, read and link
 * hundreds of modules takes longer than all else that a start does. Several processes may do so at once.
 * @returns the file that Node runs
 */
export async function packService() {
  const sources = await readSources();
  const folder = await folderFor(sources);
  const main = join(folder, 'main.mjs');
  if (existsSync(main)) return main;
  await mkdir(CACHE, { recursive: true });
  await sweep();
  const draft = await mkdtemp(join(CACHE, 'draft-'));
  try {
    await packInto(draft, sources);
    // Some tests start processes as another user.
    await chmod(draft, 0o755);
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(main)) throw error;
  }
  return main;
}
