import { z } from 'zod';
import { idSchema } from './id-schema.js';
import { parseFileDigest, parseFileId, parseFileKey } from './ids.js';

/** 15 MiB. */
export const MAX_FILE_BYTES = 15 * 1024 * 1024;
export const MAX_FILE_NAME_BYTES = 255;

/** Controls, line ends, and what turns the text around, so that a name shows another ending than it has. */
const NOT_IN_NAMES = /[/\\\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;
/** RFC 6838 §4.2, without parameters. */
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/i;

export const fileNameSchema = z
  .string()
  .min(1, 'a file name must not be empty')
  .refine((name) => !NOT_IN_NAMES.test(name), 'a file name has no path, no controls and no line ends')
  .refine((name) => name !== '.' && name !== '..', 'a file name is not . or ..')
  .refine(
    (name) => new TextEncoder().encode(name).length <= MAX_FILE_NAME_BYTES,
    `a file name has at most ${MAX_FILE_NAME_BYTES} bytes of UTF-8`,
  );

export const mediaTypeSchema = z.string().regex(MEDIA_TYPE, 'expected a media type such as image/png');

/** What a message says of its file: enough to fetch, to open and to check it. */
export const messageFileSchema = z.strictObject({
  id: idSchema(parseFileId),
  name: fileNameSchema,
  mediaType: mediaTypeSchema,
  size: z.number().int().min(1).max(MAX_FILE_BYTES),
  digest: idSchema(parseFileDigest).describe('SHA-256 of its bytes, base64url.'),
  key: idSchema(parseFileKey).describe('What its chunks are sealed with, base64url.'),
});
export type MessageFile = z.infer<typeof messageFileSchema>;
