import { type CallOptions, type Transport } from './transport.js';
import { type MessageFile } from './types.js';
import { type Waiting } from './waiting.js';

/** How far a transfer is, in bytes. It never falls. */
export interface Progress {
  readonly bytes: number;
  readonly size: number;
}

/** `timeoutMs` is for one piece of an upload, and between two bytes of a download. */
export interface TransferOptions extends CallOptions {
  /**
   * How often at most a transfer that has begun tries to go on without getting any further. When absent, a download tries as often
   * as other calls, and an upload for five minutes. No upload tries longer.
   */
  readonly attempts?: number;
  readonly onProgress?: (progress: Progress) => void;
}

export interface NewFile extends TransferOptions {
  /** Without a path; at most 255 bytes of UTF-8. */
  readonly name: string;
  /** `application/octet-stream` when absent. */
  readonly mediaType?: string;
}

/** What a file must be. */
export type KnownFile = Pick<MessageFile, 'size' | 'digest'>;

export interface FileParts {
  /** Of the service, without `/v1`. */
  readonly url: string;
  readonly transport: Transport;
  readonly waiting: Waiting;
}

/** Where files are, and each of them below it. */
export function addressOfFiles(parts: Pick<FileParts, 'url'>): string {
  return `${rootOf(parts)}/v1/files`;
}

/** The same of uploads. */
export function addressOfUploads(parts: Pick<FileParts, 'url'>): string {
  return `${rootOf(parts)}/v1/uploads`;
}

function rootOf({ url }: Pick<FileParts, 'url'>): string {
  return url.replace(/\/+$/, '');
}
