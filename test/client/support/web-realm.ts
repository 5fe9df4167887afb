import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Context, type Module, SourceTextModule, createContext } from 'node:vm';

/** What browsers have and ECMAScript has not, as far as a client may need it. Nothing of Node. */
const { fetch, Request, Response, Headers, FormData, URL, URLSearchParams, ReadableStream, DOMException } =
  globalThis;
const { AbortController, AbortSignal, TextEncoder, TextDecoder, crypto, performance } = globalThis;
const { atob, btoa, Blob, setTimeout, clearTimeout } = globalThis;
/** As in a worker: a client asks for it to know that it is in a browser. */
const WorkerGlobalScope = EventTarget;
const WEB = {
  ...{ fetch, Request, Response, Headers, FormData, URL, URLSearchParams, ReadableStream, DOMException },
  ...{ AbortController, AbortSignal, TextEncoder, TextDecoder, crypto, performance },
  ...{ atob, btoa, Blob, WorkerGlobalScope, setTimeout, clearTimeout },
};

type Exports = string | { readonly [condition: string]: Exports };
/** As a bundler for browsers sets them. */
const CONDITIONS: readonly string[] = ['browser', 'import', 'default'];

export interface Loaded {
  /** All files that were loaded. */
  readonly files: readonly string[];
  readonly exports: Readonly<Record<string, unknown>>;
}

/** Loads a package of the folder's `node_modules` as a browser would: only ES modules, only what the web has. */
export async function loadInWebRealm(folder: string, name: string): Promise<Loaded> {
  const context = createContext(WEB);
  const modules = new Map<string, Promise<Module>>();
  const load = (file: string): Promise<Module> => {
    const known = modules.get(file);
    if (known !== undefined) return known;
    const made = moduleOf(file, context);
    modules.set(file, made);
    return made;
  };
  const entry = await load(await resolved(folder, name, ''));
  await entry.link(async (specifier, { identifier }) => load(await resolved(folder, specifier, identifier)));
  await entry.evaluate();
  return { files: [...modules.keys()], exports: entry.namespace as Record<string, unknown> };
}

async function moduleOf(file: string, context: Context): Promise<Module> {
  return new SourceTextModule(await readFile(file, 'utf8'), { context, identifier: file });
}

async function resolved(folder: string, specifier: string, from: string): Promise<string> {
  if (specifier.startsWith('.')) return new URL(specifier, pathToFileURL(from)).pathname;
  const [, name, rest] = /^((?:@[^/]+\/)?[^/]+)(.*)$/.exec(specifier) ?? [];
  const inside = join(folder, 'node_modules', name ?? '');
  const manifest = await readFile(join(inside, 'package.json'), 'utf8').catch(() => {
    throw new Error(`${from} imports ${specifier}, which is no package of the project`);
  });
  const { exports } = JSON.parse(manifest) as { exports: Record<string, Exports> };
  const target = chosen(exports[`.${rest ?? ''}`]);
  if (target === undefined) throw new Error(`${specifier} is not exported`);
  return join(inside, target);
}

/** The first condition of the package that the browser's are among. */
function chosen(exports: Exports | undefined): string | undefined {
  if (exports === undefined || typeof exports === 'string') return exports;
  const condition = Object.keys(exports).find((name) => CONDITIONS.includes(name));
  return condition === undefined ? undefined : chosen(exports[condition]);
}
