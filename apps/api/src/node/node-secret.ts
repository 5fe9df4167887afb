import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBase64Url, randomBytes, toBase64Url } from '@musubi/crypto';
import { makeFolder } from '@musubi/embedded-postgres';
import { type Config } from '../config/config.js';

const SECRET_BYTES = 32;

/** The 32 bytes that seal unattended agents' keys: from the environment, or made once and kept, mode 0600. */
export async function nodeSecret({ nodeSecret: given, dataDir }: Config): Promise<Uint8Array> {
  if (given !== undefined) return fromBase64Url(given);
  await makeFolder(dataDir, 0o700);
  const path = join(dataDir, 'node-secret');
  return (await create(path)) ?? fromBase64Url((await readFile(path, 'utf8')).trim());
}

/** @returns null when there is one already */
async function create(path: string): Promise<Uint8Array | null> {
  try {
    const file = await open(path, 'wx', 0o600);
    const secret = randomBytes(SECRET_BYTES);
    await file.writeFile(`${toBase64Url(secret)}\n`);
    await file.sync();
    await file.close();
    return secret;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return null;
    throw error;
  }
}
