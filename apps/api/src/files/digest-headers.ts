import { type IncomingHttpHeaders } from 'node:http';
import { type FileDigest, parseFileDigest } from '@musubi/messaging';
import { ApiError } from '../problem/api-error.js';

/** The body has no encoding, so that both are of the same bytes. */
const HEADERS = ['content-digest', 'repr-digest'] as const;
/** A member of a dictionary (RFC 8941) whose value is bytes. */
const MEMBER = /^\s*([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/=]*):\s*$/;

/**
 * Holds a file against the digests that came with it (RFC 9530). Algorithms other than sha-256 are ignored, as §2 allows.
 * @throws ApiError `malformed`, `invalid`
 */
export function checkDigests(headers: IncomingHttpHeaders, digest: FileDigest): void {
  for (const header of HEADERS) {
    const given = digestIn(header, [headers[header]].flat().join());
    if (given === null || given === digest) continue;
    const errors = [{ path: header, message: 'not the digest of the bytes that came' }];
    throw new ApiError('invalid', 'The file is another one than its digest says. Nothing was kept.', errors);
  }
}

/** The sha-256 in a header, if there is one. @throws ApiError `malformed` */
export function digestIn(header: string, value: string): FileDigest | null {
  let found: FileDigest | null = null;
  for (const member of value === '' ? [] : value.split(',')) {
    const [, algorithm, bytes = ''] = MEMBER.exec(member) ?? [];
    if (algorithm === undefined)
      throw new ApiError('malformed', `The header ${header} is no list of digests.`);
    if (algorithm === 'sha-256') found = sha256Of(header, bytes);
  }
  return found;
}

function sha256Of(header: string, bytes: string): FileDigest {
  try {
    return parseFileDigest(Buffer.from(bytes, 'base64').toString('base64url'));
  } catch {
    throw new ApiError('malformed', `The sha-256 of the header ${header} has not 32 bytes.`);
  }
}

/** `Repr-Digest` of an answer. */
export function reprDigest(digest: FileDigest): string {
  return `sha-256=:${Buffer.from(digest, 'base64url').toString('base64')}:`;
}
