import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { SOURCE_FOLDER, isPacked, packedFileOf } from './packed.js';
import { SWC_OPTIONS } from './swc.js';

const arePackagesPacked = isPacked();

/** Sources import `./x.js`, the name after the build; before it, the file is `x.ts`. Large packages are packed. */
export function resolve(specifier, context, nextResolve) {
  const url = sourceOf(specifier, context) ?? packedUrlOf(specifier);
  return url === undefined
    ? nextResolve(specifier, context)
    : { url: url.href, format: 'module', shortCircuit: true };
}

function sourceOf(specifier, { parentURL }) {
  if (!/^\.{1,2}\/.*\.js$/.test(specifier) || !parentURL?.endsWith('.ts')) return undefined;
  const url = new URL(specifier.replace(/\.js$/, '.ts'), parentURL);
  return existsSync(url) ? url : undefined;
}

function packedUrlOf(specifier) {
  const file = arePackagesPacked ? packedFileOf(specifier) : undefined;
  return file === undefined ? undefined : pathToFileURL(file);
}

/** Read at once: there is nothing else that this thread could do meanwhile. */
export function load(url, context, nextLoad) {
  if (!url.endsWith('.ts')) return nextLoad(url, context);
  const filename = fileURLToPath(url);
  return compile(filename, readFileSync(filename, 'utf8'));
}

/** A source of that name as Node takes it. */
export async function compile(filename, source) {
  return { format: 'module', shortCircuit: true, source: await compiled(filename, source) };
}

/** Kept by what it is made of: tests start hundreds of processes, each of which loads hundreds of sources. */
async function compiled(filename, source) {
  const hash = createHash('sha256').update(`${filename}\n${source}`);
  const kept = join(SOURCE_FOLDER, `${hash.digest('hex')}.js`);
  if (existsSync(kept)) return readFileSync(kept);
  const { transform } = await import('@swc/core');
  const { code } = await transform(source, { ...SWC_OPTIONS, filename, swcrc: false });
  keep(kept, code);
  return code;
}

/** Where nothing can be written, each process compiles for itself. */
function keep(path, code) {
  const draft = `${path}.${randomUUID()}`;
  try {
    mkdirSync(SOURCE_FOLDER, { recursive: true });
    writeFileSync(draft, code);
    renameSync(draft, path);
  } catch {
    // What could not be kept is made again.
  }
}
