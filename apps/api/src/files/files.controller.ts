import { Readable } from 'node:stream';
import { type ByteRange, CHUNK_BYTES, type HeldFile } from '@musubi/cell';
import { type AgentPubKey, type FileId } from '@musubi/messaging';
import {
  Controller,
  Delete,
  Get,
  HttpCode,
  HttpStatus,
  Inject,
  Param,
  Post,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Caller, CurrentAgent, CurrentCaller } from '../access/access.js';
import { type ServiceNode } from '../node/service-node.js';
import { NODE } from '../node/tokens.js';
import { Refuses } from '../problem/refusals.js';
import { cutLate } from '../http/cut-late.js';
import { RangeError416, rangeIn } from './byte-range.js';
import { attachment } from './content-disposition.js';
import { reprDigest } from './digest-headers.js';
import {
  type FileView,
  type NewFileQuery,
  fileIdSchema,
  fileViewSchema,
  newFileQuerySchema,
} from './files.schemas.js';
import { newFileOf } from './new-file.js';
import { TransferPlaces } from './transfer-places.js';

const BYTES = { type: 'string', format: 'binary' } as const;
const DIGEST = { required: false, description: 'RFC 9530: `sha-256=:…:`. Another file is refused.' };

@ApiTags('files')
@ApiBearerAuth()
@Controller('v1/files')
export class FilesController {
  constructor(
    @Inject(NODE) private readonly node: Pick<ServiceNode, 'files' | 'keyring'>,
    private readonly places: TransferPlaces,
  ) {}

  /**
   * Keeps a file of at most 15 MiB, whole or not at all. The answer goes into messages, as `payload.file`. A file that no
   * message refers to expires on the second day after.
   */
  @Post()
  @ApiConsumes('application/octet-stream', 'multipart/form-data')
  @ApiBody({ schema: { oneOf: [BYTES, { type: 'object', properties: { file: BYTES } }] } })
  @ApiHeader({ name: 'Content-Digest', ...DIGEST })
  @ApiHeader({ name: 'Repr-Digest', ...DIGEST })
  @ApiCreatedResponse({ standardSchema: fileViewSchema })
  @Refuses('file-quota-exceeded', 'file-not-found')
  async upload(
    @CurrentCaller() caller: Caller,
    @Query({ schema: newFileQuerySchema }) query: NewFileQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<FileView> {
    const keys = this.node.keyring.keysOf(caller.agent);
    const giveBack = this.places.take(caller);
    try {
      const { stop, ...upload } = await newFileOf(request, query);
      const file = await this.node.files.upload(keys, upload).finally(stop);
      void reply.header('location', `/v1/files/${file.id}`);
      return file;
    } finally {
      giveBack();
    }
  }

  /** The bytes of a file that this agent has uploaded, or received with a message; one range of them, if asked for. */
  @Get(':file')
  @ApiHeader({ name: 'Range', required: false, description: 'One range of bytes; several are ignored.' })
  @ApiOkResponse({
    description: 'The whole file.',
    content: { 'application/octet-stream': { schema: BYTES } },
  })
  @ApiResponse({
    status: 206,
    description: 'The range.',
    content: { 'application/octet-stream': { schema: BYTES } },
  })
  @Refuses('file-not-found', 'range-not-satisfiable')
  async download(
    @CurrentCaller() caller: Caller,
    @Param('file', { schema: fileIdSchema }) id: FileId,
    @Req() { headers }: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const keys = this.node.keyring.keysOf(caller.agent);
    const held = await this.node.files.find(keys, id);
    const range = rangeFor(reply, held, { range: headers.range, ifRange: headers['if-range'] });
    const giveBack = this.places.take(caller);
    // One that is gone already will not say so again.
    if (reply.raw.closed) {
      giveBack();
      return;
    }
    reply.raw.once('close', giveBack);
    cutLate(reply.raw);
    describe(reply, held, range);
    const bytes = this.node.files.bytesInTurn(keys, held, range ?? wholeOf(held));
    await reply.send(asWritten(bytes));
  }

  /** Lets go of a file that no message refers to, such as an upload that is not to be sent after all. */
  @Delete(':file')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiNoContentResponse()
  @Refuses('file-not-found', 'file-in-use')
  remove(
    @CurrentAgent() agent: AgentPubKey,
    @Param('file', { schema: fileIdSchema }) id: FileId,
  ): Promise<void> {
    return this.node.files.remove(this.node.keyring.keysOf(agent), id);
  }
}

/** The rest of a first chunk is short, so that a connection takes it and another one before it has sent either. */
const CERTAINLY_WAITED_FOR = CHUNK_BYTES;

/**
 * Asks for a part when the one before is about to be written, and so the one before that has been: a pipe waits for the drain
 * after each part that is larger than what a connection takes ahead. What may be smaller is copied. So two rooms are enough.
 */
function asWritten(bytes: AsyncIterable<Uint8Array>): Readable {
  return Readable.from(copiedIfShort(bytes), { objectMode: false, highWaterMark: 1 });
}

async function* copiedIfShort(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const part of bytes) yield part.length < CERTAINLY_WAITED_FOR ? part.slice() : part;
}

interface Asked {
  readonly range: string | undefined;
  readonly ifRange: string | string[] | undefined;
}

/** A client that goes on with another file gets all of it (RFC 9110 §13.1.5). */
function rangeFor(reply: FastifyReply, { file }: HeldFile, { range, ifRange }: Asked): ByteRange | null {
  if (ifRange !== undefined && ifRange !== tagOf(file)) return null;
  try {
    return rangeIn(range, file.size);
  } catch (error) {
    if (error instanceof RangeError416) void reply.header('content-range', `bytes */${error.size}`);
    throw error;
  }
}

/** Nobody shows it as a page of this service's own: it is to be stored, and its type is only its author's word. */
function describe(reply: FastifyReply, held: HeldFile, range: ByteRange | null): void {
  const { digest, mediaType, name, size } = held.file;
  const { first, last } = range ?? wholeOf(held);
  void reply.headers({
    'accept-ranges': 'bytes',
    'content-type': mediaType,
    'content-length': String(last + 1 - first),
    'content-disposition': attachment(name),
    etag: tagOf(held.file),
    'repr-digest': reprDigest(digest),
  });
  if (range === null) return;
  void reply.status(HttpStatus.PARTIAL_CONTENT).header('content-range', `bytes ${first}-${last}/${size}`);
}

function wholeOf({ file }: HeldFile): ByteRange {
  return { first: 0, last: file.size - 1 };
}

/** A file never changes under its id. */
function tagOf({ id }: { readonly id: FileId }): string {
  return `"${id}"`;
}
