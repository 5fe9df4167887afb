import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Busboy, type BusboyFileStream } from '@fastify/busboy';
import { MAX_FILE_BYTES } from '@musubi/messaging';
import { type FastifyRequest } from 'fastify';
import { ApiError } from '../problem/api-error.js';
import { type Bodied, FORM_TYPE, type FileBody, boundedBodyOf, fileTooLarge } from './file-body.js';

type Parser = InstanceType<typeof Busboy>;

/** What a form may have besides the bytes of its file. */
const AROUND_BYTES = 65_536;
const LIMITS = { files: 1, fields: 0, parts: 1, headerPairs: 16, headerSize: 8192 } as const;

/** The one file in a form. */
export interface FormFile extends FileBody {
  /** As the form has it. */
  readonly name: string;
  readonly mediaType: string;
  /** Reads no more of the request. */
  readonly stop: () => void;
}

export function isForm({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  return headers['content-type']?.toLowerCase().startsWith(FORM_TYPE) ?? false;
}

/**
 * Reads a form (RFC 7578) up to its file, whose bytes are then read as they are asked for. Its content ends when the form does.
 * @throws ApiError `malformed`, `invalid` unless it is one part, a file; `payload-too-large`, `request-timeout`
 */
export async function formFileOf(request: Bodied): Promise<FormFile> {
  const { content, size } = boundedBodyOf(request, {
    wanted: 'The body must be a form with a file.',
    bytes: MAX_FILE_BYTES + AROUND_BYTES,
    tooLarge: fileTooLarge,
  });
  const source = Readable.from(content, { objectMode: false });
  const form = new Form(source, parserFor(request));
  try {
    const { file, mediaType, name } = await form.firstFile;
    const most = size === undefined ? undefined : Math.min(size, MAX_FILE_BYTES);
    return { name, mediaType, size: most, content: form.contentOf(file), stop: () => source.destroy() };
  } catch (error) {
    source.destroy();
    throw error;
  }
}

interface FirstFile {
  readonly file: BusboyFileStream;
  readonly name: string;
  readonly mediaType: string;
}

/** A form that is arriving. */
class Form {
  readonly firstFile: Promise<FirstFile>;
  private readonly arrived: Promise<void>;
  private hasOthers = false;

  constructor(source: Readable, parser: Parser) {
    for (const event of ['fieldsLimit', 'filesLimit', 'partsLimit'] as const)
      parser.on(event, () => {
        this.hasOthers = true;
      });
    const arrived = pipeline(source, parser).catch((error: unknown) => {
      throw error instanceof ApiError ? error : malformedForm();
    });
    this.arrived = arrived;
    this.firstFile = new Promise((resolve, reject) => {
      parser.on('file', (...[, file, name, , mediaType]) => {
        this.failWith(file);
        if (this.hasOthers) reject(notOneFile());
        else resolve({ file, name, mediaType });
      });
      // A form without a file ends as well.
      arrived.then(() => {
        reject(notOneFile());
      }, reject);
    });
  }

  /** To the end of the form: only then is it known that nothing else is in it. */
  async *contentOf(file: BusboyFileStream): AsyncGenerator<Uint8Array> {
    let read = 0;
    for await (const bytes of file as AsyncIterable<Buffer>) {
      read += bytes.length;
      if (read > MAX_FILE_BYTES) throw fileTooLarge();
      yield bytes;
    }
    await this.arrived;
    if (this.hasOthers) throw notOneFile();
  }

  /** The parser neither ends nor destroys the file of a form that breaks off. */
  private failWith(file: BusboyFileStream): void {
    file.on('error', () => {
      file.destroy(malformedForm());
    });
    this.arrived.catch((error: unknown) => {
      file.destroy(error as Error);
    });
  }
}

/** @throws ApiError `malformed` */
function parserFor({ headers }: Bodied): Parser {
  const { 'content-type': type = '' } = headers;
  try {
    return new Busboy({
      headers: { ...headers, 'content-type': type },
      limits: LIMITS,
      // A path is refused, as in every name: not cut.
      preservePath: true,
      isPartAFile: (_field, _type, name) => name !== undefined,
    });
  } catch {
    throw malformedForm();
  }
}

function malformedForm(): ApiError {
  return new ApiError('malformed', 'The form is malformed, or is not whole.');
}

function notOneFile(): ApiError {
  const errors = [{ path: 'body', message: 'must have one part, a file with a name' }];
  return new ApiError('invalid', 'The form is not one file.', errors);
}
