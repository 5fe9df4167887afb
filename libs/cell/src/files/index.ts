export { CHUNK_BYTES } from './sealed-file.js';
export { FILE_USE_ONCE, USE_OF_FILE } from './file.sql.js';
export { FileStore, type FileUser } from './file.store.js';
export { FileTransfer, type VetAnnouncement } from './file-transfer.js';
export { type ByteRange, Files, type MissingChunk } from './files.js';
export { type HeldFile } from './held-file.js';
export { type Begun, MAX_UPLOADS, type NewUpload } from './upload.store.js';
export { type UploadState, Uploads } from './uploads.js';
