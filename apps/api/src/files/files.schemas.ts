import { fileNameSchema, idSchema, mediaTypeSchema, parseFileId } from '@musubi/messaging';
import { z } from 'zod';

export const newFileQuerySchema = z.strictObject({
  name: fileNameSchema.describe('At most 255 bytes of UTF-8; no path, no controls.'),
  mediaType: mediaTypeSchema.default('application/octet-stream').describe('What the file is.'),
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
