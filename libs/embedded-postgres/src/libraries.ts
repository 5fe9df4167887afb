import { access, mkdir, readFile, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { hasCode } from '@musubi/database';

/** `target` is the link to make, `source` the file it names; both relative to the package's folder. */
interface LibraryLink {
  readonly source: string;
  readonly target: string;
}

const READ_ONLY = ['EACCES', 'EPERM', 'EROFS'];

/**
 * Makes the links to shared libraries that npm packages cannot carry (`libpq.so.5` and so on), since install scripts
 * are often blocked. May run any number of times and in several processes at once. Where the package's folder is
 * read-only the links are made in `fallbackDir`, and the returned environment sends the loader there.
 */
export async function linkLibraries(
  packageDir: string,
  fallbackDir: string,
): Promise<Record<string, string>> {
  const links = await missingLinks(packageDir);
  try {
    await Promise.all(links.map((link) => makeLink(basename(link.source), join(packageDir, link.target))));
    return {};
  } catch (error) {
    if (!READ_ONLY.some((code) => hasCode(error, code))) throw error;
  }
  await mkdir(fallbackDir, { recursive: true });
  await Promise.all(
    links.map((link) => makeLink(join(packageDir, link.source), join(fallbackDir, basename(link.target)))),
  );
  // The package's folder as well: a library found through a link looks for its own beside the link, not the file.
  const search = `${fallbackDir}:${join(packageDir, 'native', 'lib')}`;
  return { LD_LIBRARY_PATH: search, DYLD_LIBRARY_PATH: search };
}

async function missingLinks(packageDir: string): Promise<LibraryLink[]> {
  const list = await readFile(join(packageDir, 'native', 'pg-symlinks.json'), 'utf8').catch(
    (error: unknown) => {
      if (hasCode(error, 'ENOENT')) return '[]';
      throw error;
    },
  );
  const links = JSON.parse(list) as LibraryLink[];
  const isMissing = await Promise.all(links.map((link) => isAbsent(join(packageDir, link.target))));
  return links.filter((link, index) => isMissing[index] && dirname(link.source) === dirname(link.target));
}

function isAbsent(path: string): Promise<boolean> {
  return access(path).then(
    () => false,
    () => true,
  );
}

async function makeLink(source: string, target: string): Promise<void> {
  await symlink(source, target).catch((error: unknown) => {
    if (!hasCode(error, 'EEXIST')) throw error;
  });
}
