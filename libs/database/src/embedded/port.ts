import { readFile, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';

export const HOST = '127.0.0.1';

/** The port of the last run if it is free, else any free one. Someone may take it before the server does: retry then. */
export async function choosePort(portFile: string): Promise<number> {
  const last = Number(await readFile(portFile, 'utf8').catch(() => '0'));
  const preferred = Number.isInteger(last) && last > 0 && last < 65_536 ? last : 0;
  return (await freePort(preferred)) ?? (await freePort(0)) ?? 0;
}

/** By rename, as the old file may belong to another user who ran in this folder before. */
export async function rememberPort(portFile: string, port: number): Promise<void> {
  await writeFile(`${portFile}.new`, `${port}\n`);
  await rename(`${portFile}.new`, portFile);
}

function freePort(wanted: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => {
      resolve(undefined);
    });
    probe.listen(wanted, HOST, () => {
      const address = probe.address();
      probe.close(() => {
        resolve(typeof address === 'object' ? address?.port : undefined);
      });
    });
  });
}
