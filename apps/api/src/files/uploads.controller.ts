import { type UploadState } from '@musubi/cell';
import {
  type AgentPubKey,
  MAX_FILE_BYTES,
  UploadOffsetError,
  type UploadId,
  toRfc3339,
} from '@musubi/messaging';
import {
  Body,
  Controller,
  Delete,
  Get,
  Head,
  HttpCode,
  HttpStatus,
  Inject,
  Param,
  Patch,
  Post,
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
  ApiTags,
} from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Caller, CurrentAgent, CurrentCaller } from '../access/access.js';
import { type ServiceNode } from '../node/service-node.js';
import { NODE } from '../node/tokens.js';
import { ApiError } from '../problem/api-error.js';
import { Refuses } from '../problem/refusals.js';
import { PART_TYPE, fileTooLarge, partBodyOf } from './file-body.js';
import {
  type FileView,
  type NewUploadBody,
  type UploadView,
  type UploadsView,
  fileViewSchema,
  newUploadSchema,
  uploadIdSchema,
  uploadViewSchema,
  uploadsViewSchema,
} from './files.schemas.js';
import { TransferPlaces } from './transfer-places.js';

const OFFSET = /^\d{1,15}$/;
const AT_OFFSET = {
  headers: {
    'Upload-Offset': { description: 'How many bytes are stored.', schema: { type: 'integer' } },
  },
} as const;
const AT_OFFSET_OF = {
  headers: {
    ...AT_OFFSET.headers,
    'Upload-Length': { description: 'How many there will be.', schema: { type: 'integer' } },
  },
} as const;

/** Uploads that go on after a break, in the terms of the IETF's draft “Resumable Uploads for HTTP”. */
@ApiTags('files')
@ApiBearerAuth()
@Controller('v1/uploads')
export class UploadsController {
  constructor(
    @Inject(NODE) private readonly node: Pick<ServiceNode, 'files' | 'keyring'>,
    private readonly places: TransferPlaces,
  ) {}

  /** Begins an upload that can go on after a break, within 24 hours. An agent has at most 16 under way. */
  @Post()
  @ApiCreatedResponse({ standardSchema: uploadViewSchema })
  @Refuses('file-quota-exceeded', 'upload-limit-reached')
  async begin(
    @CurrentAgent() agent: AgentPubKey,
    @Body({ schema: newUploadSchema }) { digest, mediaType, name, size }: NewUploadBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UploadView> {
    if (size > MAX_FILE_BYTES) throw fileTooLarge();
    const keys = this.node.keyring.keysOf(agent);
    const begun = await this.node.files.uploads.begin(keys, {
      name,
      mediaType,
      size,
      digest: digest ?? null,
    });
    void reply.header('location', `/v1/uploads/${begun.upload}`);
    return { upload: begun.upload, offset: 0, size, expiresAt: toRfc3339(begun.expiresAt) };
  }

  /** What has been begun and can go on: a client that forgot an address finds it here. */
  @Get()
  @ApiOkResponse({ standardSchema: uploadsViewSchema })
  async list(@CurrentAgent() agent: AgentPubKey): Promise<UploadsView> {
    const open = await this.node.files.uploads.list(this.node.keyring.keysOf(agent));
    return { items: open.map(({ expiresAt, ...rest }) => ({ ...rest, expiresAt: toRfc3339(expiresAt) })) };
  }

  /** Where an upload goes on. */
  @Head(':upload')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiNoContentResponse(AT_OFFSET_OF)
  @Refuses('upload-unknown')
  async look(
    @CurrentAgent() agent: AgentPubKey,
    @Param('upload', { schema: uploadIdSchema }) id: UploadId,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { offset, size } = await this.node.files.uploads.find(this.node.keyring.keysOf(agent), id);
    void reply.headers({
      ...offsetHeader(offset),
      'upload-length': String(size),
      'cache-control': 'no-store',
    });
  }

  /**
   * Appends bytes. They are stored in whole chunks, and what comes after the last one is sent again. With the last byte of the
   * file the upload is complete: the answer is that of `POST /v1/files`, and a repetition gives it again.
   */
  @Patch(':upload')
  @ApiConsumes(PART_TYPE)
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiHeader({
    name: 'Upload-Offset',
    required: true,
    description: 'Where the bytes belong: what HEAD tells.',
  })
  @ApiCreatedResponse({ description: 'The file is complete.', standardSchema: fileViewSchema })
  @ApiNoContentResponse({ description: 'Bytes are missing still.', ...AT_OFFSET })
  @Refuses('upload-unknown', 'upload-offset-wrong', 'upload-mismatch')
  async append(
    @CurrentCaller() caller: Caller,
    @Param('upload', { schema: uploadIdSchema }) id: UploadId,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<FileView | undefined> {
    const { keyring } = this.node;
    const { uploads } = this.node.files;
    const keys = keyring.keysOf(caller.agent);
    const offset = offsetIn(request);
    const giveBack = this.places.take(caller);
    try {
      const before = await uploads.find(keys, id);
      const { content } = partBodyOf(request, leftOf(before, offset));
      return answered(reply, await uploads.append(keys, id, { offset, content }));
    } catch (error) {
      if (error instanceof UploadOffsetError)
        void reply.headers(offsetHeader((await uploads.find(keys, id)).offset));
      throw error;
    } finally {
      giveBack();
    }
  }

  /** Lets go of an upload that is not complete, and of what has come of it. */
  @Delete(':upload')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiNoContentResponse()
  @Refuses('upload-unknown')
  remove(
    @CurrentAgent() agent: AgentPubKey,
    @Param('upload', { schema: uploadIdSchema }) id: UploadId,
  ): Promise<void> {
    return this.node.files.uploads.remove(this.node.keyring.keysOf(agent), id);
  }
}

function answered(reply: FastifyReply, { file, offset }: UploadState): FileView | undefined {
  if (file === null) {
    void reply.status(HttpStatus.NO_CONTENT).headers(offsetHeader(offset));
    return undefined;
  }
  void reply.status(HttpStatus.CREATED).header('location', `/v1/files/${file.id}`);
  return file;
}

/** One that is complete takes the repetition of what has completed it; one that goes on elsewhere is refused for that. */
function leftOf({ file, offset: from, size }: UploadState, offset: number): number {
  return file === null && offset === from ? size - offset : MAX_FILE_BYTES;
}

function offsetHeader(offset: number): Record<'upload-offset', string> {
  return { 'upload-offset': String(offset) };
}

/** @throws ApiError `malformed` */
function offsetIn({ headers }: Pick<FastifyRequest, 'headers'>): number {
  const offset = headers['upload-offset'];
  if (typeof offset !== 'string' || !OFFSET.test(offset))
    throw new ApiError('malformed', 'The header Upload-Offset must tell where the bytes belong.');
  return Number(offset);
}
