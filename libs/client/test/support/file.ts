import { createHash } from 'node:crypto';

export const TEXT = 'hello, file';
export const CONTENT: Uint8Array<ArrayBuffer> = new TextEncoder().encode(TEXT);

const SHA256 = createHash('sha256').update(CONTENT).digest();
/** As messages have it. */
export const DIGEST = SHA256.toString('base64url');
/** As headers have it. */
export const REPR_DIGEST = `sha-256=:${SHA256.toString('base64')}:`;

export const FILE = { id: 'F'.repeat(43), name: 'a.txt', mediaType: 'text/plain', key: 'K'.repeat(43) };
/** What the service says of it. */
export const VIEW = { ...FILE, size: CONTENT.length, digest: DIGEST };

/** What the work ended with. */
export const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'none',
    (error: unknown) => error,
  );
