/**
 * Large packages of other people, packed into a few files. Jest loads every package anew for each test file, and each
 * process that a test starts loads them too: TypeORM alone is some 700 files, and finding them takes longer than most
 * suites do. `pack.js` makes the files, once for a lock file.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const CACHE = join(ROOT, 'node_modules/.cache/musubi');

/** What the sources and the tests import of them. */
export const PACKED = [
  '@nestjs/common',
  '@nestjs/common/constants.js',
  '@nestjs/common/enums/route-paramtypes.enum.js',
  '@nestjs/core',
  '@nestjs/platform-fastify',
  '@nestjs/swagger',
  '@observablehq/plot',
  'd3-array',
  'fast-check',
  'fastify',
  'pg',
  'rxjs',
  'typeorm',
  'typeorm/driver/postgres/PostgresDriver.js',
  'zod',
];

const MADE_OF = ['../../package-lock.json', './packed.js', './pack.js', './swc.js', './ts-loader-hooks.js'];
const hash = createHash('sha256').update(process.version);
for (const path of MADE_OF) hash.update(readFileSync(new URL(path, import.meta.url)));
const made = hash.digest('hex').slice(0, 16);

/** Where they are, or will be. What has gone into them is in its name. */
export const PACK_FOLDER = join(CACHE, `packages-${made}`);

/** Where `ts-loader.js` keeps compiled sources. */
export const SOURCE_FOLDER = join(CACHE, `sources-${made}`);

export function isPacked() {
  return existsSync(PACK_FOLDER);
}

/** The name of a package's file, without its ending. */
export function fileNameOf(specifier) {
  return specifier.replaceAll('/', '+').replace(/\.js$/, '');
}

/** The file of a package, by what one imports. */
export function packedFileOf(specifier) {
  return PACKED.includes(specifier) ? join(PACK_FOLDER, `${fileNameOf(specifier)}.mjs`) : undefined;
}
