import { type Files } from '@musubi/cell';
import { type FastifyRequest } from 'fastify';
import { ApiError } from '../problem/api-error.js';
import { checkDigests } from './digest-headers.js';
import { fileBodyOf } from './file-body.js';
import { formFileOf, isForm } from './form-file.js';
import { type NewFileQuery, newFileSchema } from './files.schemas.js';

type NewFile = Parameters<Files['upload']>[1];

/** A file that is uploaded, as bytes or in a form. */
export interface Uploaded extends NewFile {
  /** Reads no more of the request, whatever has come of it. */
  readonly stop: () => void;
}

/** @throws ApiError as `fileBodyOf` and `formFileOf` do; `invalid` for its name or type */
export function newFileOf(request: FastifyRequest, query: NewFileQuery): Promise<Uploaded> {
  return isForm(request) ? inForm(request, query) : Promise.resolve(asBytes(request, query));
}

function asBytes(request: FastifyRequest, query: NewFileQuery): Uploaded {
  const named = namedOf(query);
  const body = fileBodyOf(request);
  if (body.size === 0) throw emptyFile();
  const check: NewFile['check'] = ({ digest, size }) => {
    if (size === 0) throw emptyFile();
    checkDigests(request.headers, digest);
  };
  return { ...named, ...body, check, stop: () => undefined };
}

/** What the query says goes before what the form says. */
async function inForm(request: FastifyRequest, query: NewFileQuery): Promise<Uploaded> {
  refuseDigests(request);
  const { content, mediaType, name, size, stop } = await formFileOf(request);
  const check: NewFile['check'] = (read) => {
    if (read.size === 0) throw emptyFile();
  };
  try {
    return { ...namedOf({ name, mediaType, ...query }), content, size, check, stop };
  } catch (error) {
    stop();
    throw error;
  }
}

/** @throws ApiError `invalid` */
function namedOf(given: NewFileQuery): Pick<NewFile, 'name' | 'mediaType'> {
  const { data, error, success } = newFileSchema.safeParse(given);
  if (success) return data;
  const errors = error.issues.map(({ message, path }) => ({ path: path.join('.'), message }));
  throw new ApiError('invalid', 'The request does not match its schema.', errors);
}

/** They would be of the form, and not of the file: nobody is to believe that they were checked. */
function refuseDigests({ headers }: FastifyRequest): void {
  const given = ['content-digest', 'repr-digest'].filter((header) => header in headers);
  if (given.length === 0) return;
  const errors = given.map((path) => ({ path, message: 'must not come with a form' }));
  throw new ApiError('invalid', 'Digests are checked of a file that comes as bytes.', errors);
}

function emptyFile(): ApiError {
  return new ApiError('invalid', 'The file is empty.', [{ path: 'body', message: 'must not be empty' }]);
}
