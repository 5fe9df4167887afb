import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, lstat, open, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { PeerError } from './peers.js';

/** 15 MiB, as the service has it. */
const MAX_FILE_BYTES = 15 * 1024 * 1024;

/** What is to be sent. */
export interface LocalFile {
  readonly name: string;
  readonly content: Uint8Array;
}

/** Reads a file, of which the other side is told the last part of the path alone. @throws PeerError */
export async function readLocal(path: string): Promise<LocalFile> {
  // Opening a pipe would wait for somebody who writes into it.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK;
  const file = await open(path, flags).catch((error: unknown) => {
    throw new PeerError(`${path}: ${reasonOf(error)}`);
  });
  try {
    return { name: basename(path), content: await contentOf(file, path) };
  } finally {
    await file.close();
  }
}

async function contentOf(file: FileHandle, path: string): Promise<Uint8Array> {
  const found = await file.stat();
  if (found.isDirectory()) throw new PeerError(`${path} is a folder.`);
  if (!found.isFile()) throw new PeerError(`${path} is not a file.`);
  if (found.size === 0) throw new PeerError(`${path} is empty.`);
  if (found.size > MAX_FILE_BYTES)
    throw new PeerError(`${path} has ${found.size} bytes. A file has at most ${MAX_FILE_BYTES}.`);
  const content = new Uint8Array(found.size);
  for (let read = 0; read < content.length;) {
    const { bytesRead } = await file.read(content, read, content.length - read, read);
    if (bytesRead === 0) throw new PeerError(`${path} has become shorter meanwhile.`);
    read += bytesRead;
  }
  return content;
}

/** What a name of somebody else must not have: controls, what turns the text around, and what some systems give a meaning. */
const NOT_IN_NAMES = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}<>:"|?*]/gu;

/** The name that a file gets here: no path, nothing hidden, no option of a command. */
export function localName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  const plain = last.replaceAll(NOT_IN_NAMES, '_').replace(/^[.\-\s]+/, '_');
  const kept = plain.replace(/[.\s]+$/, '');
  return kept === '' ? 'file' : kept;
}

/** Where a path of the user's leads, from the folder in which it was typed. */
export function pathFrom(folder: string, path: string): string {
  return resolve(folder, path.replace(/^~(?=\/|$)/, homedir()));
}

/** The name of a new file: the path itself, or a file in it where it is a folder. @throws PeerError when there is one already */
export async function newPath(path: string, name: string): Promise<string> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const target = isFolder ? join(path, localName(name)) : path;
  if (await isThere(target)) throw new PeerError(alreadyThere(target));
  return target;
}

/** Writes a file that appears under its name when it is whole, and never in the place of another. @throws PeerError */
export async function writeLocal(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  const part = join(dirname(path), `.${randomUUID()}.part`);
  const file = await open(part, 'wx', 0o600).catch((error: unknown) => {
    throw new PeerError(`${dirname(path)}: ${reasonOf(error)}`);
  });
  try {
    try {
      for await (const bytes of content) await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await giveName(part, path);
  } finally {
    await rm(part, { force: true });
  }
}

/** A rename would replace a file that has come meanwhile, and a link does not. */
async function giveName(part: string, path: string): Promise<void> {
  try {
    await link(part, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST' || (await isThere(path))) throw new PeerError(alreadyThere(path));
    // Some disks know no links.
    if (!NO_LINKS.has(codeOf(error))) throw new PeerError(`${path}: ${reasonOf(error)}`);
    await rename(part, path);
  }
}

const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function alreadyThere(path: string): string {
  return `${path} is there already. /save <number> <path> takes another name.`;
}

function reasonOf(error: unknown): string {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file or folder.',
    ENOTDIR: 'a part of it is not a folder.',
    EACCES: 'you may not.',
    EPERM: 'you may not.',
    ENOSPC: 'the disk is full.',
    EROFS: 'the disk is read-only.',
    ENAMETOOLONG: 'the name is too long.',
  };
  const code = codeOf(error);
  return reasons[code] ?? (error instanceof Error ? error.message : code);
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}
