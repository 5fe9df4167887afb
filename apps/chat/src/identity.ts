import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type MusubiClient } from '@musubi/client';

/** Whom the chat is, on one service. */
export interface Identity {
  readonly agent: string;
  readonly isNew: boolean;
}

interface Place {
  readonly folder: string;
  readonly url: string;
  readonly nickname: string;
}

/** The agent that this nickname stands for on that service; `undefined` before the first time. */
export async function knownAgent(place: Place): Promise<string | undefined> {
  const text = await readFile(fileOf(place), 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  });
  return text === '' ? undefined : text.trim();
}

interface Entry {
  readonly passphrase: string;
  readonly signal: AbortSignal;
}

/** Signs in as the agent of the nickname, or makes it. Only its public key is kept on the disk. */
export async function enter(
  client: MusubiClient,
  place: Place,
  { passphrase, signal }: Entry,
): Promise<Identity> {
  const known = await knownAgent(place);
  if (known !== undefined) {
    await client.signIn({ agent: known, passphrase, keep: true }, { signal });
    return { agent: known, isNew: false };
  }
  const { agent } = await client.signUp({ nickname: place.nickname, passphrase, keep: true }, { signal });
  await keepAgent(place, agent);
  return { agent, isNew: true };
}

/** Whole or not at all: half a key would be nobody's, and the agent of the nickname would be lost. */
export async function keepAgent(place: Place, agent: string): Promise<void> {
  const path = fileOf(place);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const next = `${path}.${randomUUID()}.new`;
  const file = await open(next, 'wx', 0o600);
  try {
    await file.writeFile(`${agent}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(next, path);
}

function fileOf({ folder, url, nickname }: Place): string {
  return join(folder, encodeURIComponent(new URL(url).host), `${encodeURIComponent(nickname)}.agent`);
}
