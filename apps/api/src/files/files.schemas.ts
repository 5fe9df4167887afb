import {
  fileNameSchema,
  idSchema,
  mediaTypeSchema,
  parseFileDigest,
  parseFileId,
  parseUploadId,
} from '@musubi/messaging';
import { z } from 'zod';

const NAME = 'At most 255 bytes of UTF-8; no path, no controls.';
const MEDIA_TYPE = 'What the file is.';

export const newFileSchema = z.strictObject({
  name: fileNameSchema.describe(NAME),
  mediaType: mediaTypeSchema.default('application/octet-stream').describe(MEDIA_TYPE),
});

export const newFileQuerySchema = z.strictObject({
  name: fileNameSchema.optional().describe(`${NAME} A form may have it in its part.`),
  mediaType: mediaTypeSchema.optional().describe(`${MEDIA_TYPE} A form may have it in its part.`),
});
export type NewFileQuery = z.infer<typeof newFileQuerySchema>;

export const fileIdSchema = idSchema(parseFileId);

export const fileViewSchema = z.object({
  id: z.string().describe('Of its sealed form: equal files have different ids.'),
  name: z.string(),
  mediaType: z.string(),
  size: z.number().int().describe('Bytes.'),
  digest: z.string().describe('SHA-256 of its bytes, base64url.'),
  key: z.string().describe('What its chunks are sealed with, base64url. It travels only inside messages.'),
});
export type FileView = z.infer<typeof fileViewSchema>;

export const newUploadSchema = newFileSchema.extend({
  size: z.number().int().min(1).describe('Of all bytes; at most 15 MiB.'),
  digest: idSchema(parseFileDigest)
    .optional()
    .describe('SHA-256 of all bytes, base64url: other bytes are refused when the last one has come.'),
});
export type NewUploadBody = z.infer<typeof newUploadSchema>;

export const uploadIdSchema = idSchema(parseUploadId);

export const uploadViewSchema = z.object({
  upload: z.string().describe('Names the upload: the last part of its address.'),
  offset: z.number().int().describe('How many bytes are stored.'),
  size: z.number().int().describe('How many there will be.'),
  expiresAt: z.string().describe('RFC 3339, UTC, microseconds. Then what is not complete is gone.'),
});
export type UploadView = z.infer<typeof uploadViewSchema>;

export const uploadsViewSchema = z.object({
  items: z
    .array(
      uploadViewSchema.extend({
        name: z.string(),
        mediaType: z.string(),
        digest: z.string().nullable().describe('As it was announced.'),
      }),
    )
    .describe('The oldest first; at most 16.'),
});
export type UploadsView = z.infer<typeof uploadsViewSchema>;
