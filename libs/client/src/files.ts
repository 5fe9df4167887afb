import { AbandonedUploads } from './abandoned-uploads.js';
import { type FileContent } from './file-content.js';
import { FileDownload } from './file-download.js';
import {
  type FileParts,
  type KnownFile,
  type NewFile,
  type TransferOptions,
  addressOfFiles,
} from './file-options.js';
import { FileUpload } from './file-upload.js';
import { type CallOptions } from './transport.js';
import { Turns } from './turns.js';
import { type MessageFile } from './types.js';

/** The service takes four transfers of an agent at once. */
const UPLOADS_AT_ONCE = 3;

/** The files that messages refer to. */
export class Files {
  private readonly turns = new Turns(UPLOADS_AT_ONCE);
  private readonly abandoned: AbandonedUploads;

  constructor(private readonly parts: FileParts) {
    this.abandoned = new AbandonedUploads(parts.transport);
  }

  /**
   * Brings a file to the service, a piece at a time, and after a break from where the service has it. The answer goes into a message,
   * as `file`. One that fails or is aborted leaves nothing behind. Three go at once; others wait for their turn.
   */
  upload(content: FileContent, file: NewFile): Promise<MessageFile> {
    const parts = { ...this.parts, abandoned: this.abandoned };
    return this.turns.run(() => new FileUpload(parts, { content, file }).run(), file.signal);
  }

  /**
   * The bytes of a file, read as they come; nothing is asked for before the first one is. After a break it goes on from the
   * last byte. It comes to its end only when the digest is right.
   * @param file that of a message is proven by the message; of an id alone the service says what the digest is
   */
  download(
    file: string | (KnownFile & Pick<MessageFile, 'id'>),
    options: TransferOptions = {},
  ): FileDownload {
    const asked = typeof file === 'string' ? { id: file, known: undefined } : { id: file.id, known: file };
    return new FileDownload(this.parts, { ...asked, options });
  }

  /**
   * A small picture of an image: a WebP of at most 320 × 320 pixels.
   * @throws ProblemError `not-an-image`, `image-too-large`, `image-damaged`
   */
  async thumbnail(id: string, options: CallOptions = {}): Promise<Blob> {
    const address = `${addressOfFiles(this.parts)}/${encodeURIComponent(id)}/thumbnail`;
    const answer = await this.parts.transport.for(options)(new Request(address));
    return answer.blob();
  }
}
