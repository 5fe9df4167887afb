import { createServer } from 'node:net';
import { type Config } from '../config/config.js';

interface Address extends Pick<Config, 'host' | 'port'> {
  /** The one that names both; `HOST` and `PORT` when absent. */
  readonly setting?: string;
}

/** What to do about each way in which an address cannot be listened at. */
const ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Another program listens there. Stop that program, or set PORT to another port (0 takes any).',
  EACCES: 'This user may not listen there. Set PORT to 1024 or more.',
  EADDRNOTAVAIL: 'This machine does not have that address. Set HOST to one that it has.',
  ENOTFOUND: 'There is no such host. Set HOST to an address of this machine.',
  EAFNOSUPPORT: 'This machine does not have addresses of that kind. Set HOST to one that it has.',
};

/** The service cannot listen at its address; the message says why, and what to change. */
export class AddressUnusableError extends Error {
  override readonly name = 'AddressUnusableError';

  constructor({ host, port, setting }: Address, code: string, options: ErrorOptions) {
    const advice = setting === undefined ? ADVICE[code] : `Set ${setting} to another place.`;
    super(`Musubi cannot listen on port ${port} of ${host} (${code}). ${advice ?? ''}`.trim(), options);
  }
}

/** The error of a server that could not listen, in a sentence; `null` when it is about something else. */
export function addressError(address: Address, cause: unknown): AddressUnusableError | null {
  if (!(cause instanceof Error) || !('code' in cause) || typeof cause.code !== 'string') return null;
  return cause.code in ADVICE ? new AddressUnusableError(address, cause.code, { cause }) : null;
}

/**
 * Listens and stops again, so that a start that cannot succeed fails before it has started a database.
 *
 * @throws AddressUnusableError
 */
export async function assertAddressIsFree(address: Address): Promise<void> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', (error) => {
      reject(addressError(address, error) ?? error);
    });
    probe.listen(address.port, address.host, () => {
      probe.close(() => {
        resolve();
      });
    });
  });
}
