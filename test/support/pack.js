import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PACKED, PACK_FOLDER, fileNameOf, isPacked } from './packed.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ENTRY = 'entry:';

/**
 * They look for files beside their own, share state with what is not packed, or have to come before all others, which
 * esbuild grants no CommonJS.
 */
const LEFT_OUT = ['pino', 'swagger-ui-dist', '@fastify/static', 'reflect-metadata'];

/** CommonJS asks for these, which a module does not have. */
const BANNER = `import { createRequire as __createRequire } from 'node:module';
import { dirname as __dirnameOf } from 'node:path';
import { fileURLToPath as __pathOf } from 'node:url';
const require = __createRequire(import.meta.url);
const __filename = __pathOf(import.meta.url);
const __dirname = __dirnameOf(__filename);`;

/** Exports of a package what Node exports of it: esbuild by itself does not see the names that CommonJS exports. */
const entries = {
  name: 'entries',
  setup(build) {
    build.onResolve({ filter: /^entry:/ }, ({ path }) => ({
      path: `${path.slice(ENTRY.length)}.mjs`,
      namespace: 'entry',
    }));
    build.onLoad({ filter: /.*/, namespace: 'entry' }, async ({ path }) => {
      const specifier = path.replace(/\.mjs$/, '');
      const names = Object.keys(await import(specifier)).filter((name) => name !== 'module.exports');
      return { contents: `export { ${names.join(', ')} } from '${specifier}';`, resolveDir: ROOT };
    });
  },
};

/** Leaves to Node what is not to be packed, and what is not installed: packages try which drivers there are. */
const strangers = {
  name: 'strangers',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, kind, importer, resolveDir }) => {
      if (pluginData === strangers || path.startsWith(ENTRY)) return undefined;
      if (LEFT_OUT.includes(path)) return { path, external: true };
      const found = await build.resolve(path, { kind, importer, resolveDir, pluginData: strangers });
      return found.errors.length > 0 ? { path, external: true } : undefined;
    });
  },
};

/** Packs the large packages, unless that has been done. Several processes may do so at once. */
export async function pack() {
  if (isPacked()) return;
  const cache = dirname(PACK_FOLDER);
  await mkdir(cache, { recursive: true });
  const stale = (await readdir(cache)).filter((name) => /^(packages|sources)-/.test(name));
  const draft = await mkdtemp(join(cache, 'draft-'));
  try {
    await packInto(draft);
    // Some tests start processes as another user.
    await chmod(draft, 0o755);
    await rename(draft, PACK_FOLDER);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!isPacked()) throw error;
  }
  for (const name of stale) await rm(join(cache, name), { recursive: true, force: true });
}

async function packInto(folder) {
  const { build } = await import('esbuild');
  await build({
    entryPoints: PACKED.map((specifier) => ({ in: `${ENTRY}${specifier}`, out: fileNameOf(specifier) })),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: [],
    keepNames: true,
    legalComments: 'none',
    logLevel: 'error',
    banner: { js: BANNER },
    plugins: [entries, strangers],
  });
}
