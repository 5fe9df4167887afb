import { type FileId } from '@musubi/messaging';
import { Controller, Get, HttpStatus, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOkResponse, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Caller, CurrentCaller } from '../access/access.js';
import { type ServiceNode } from '../node/service-node.js';
import { NODE } from '../node/tokens.js';
import { Refuses } from '../problem/refusals.js';
import { goneOf } from '../http/gone-of.js';
import { fileIdSchema } from './files.schemas.js';
import { Thumbnails } from './thumbnails.js';

const TYPE = 'image/webp';
/** Another one when thumbnails of the same files look different. */
const EDITION = 1;

@ApiTags('files')
@ApiBearerAuth()
@Controller('v1/files')
export class ThumbnailsController {
  constructor(
    @Inject(NODE) private readonly node: Pick<ServiceNode, 'files' | 'keyring'>,
    private readonly thumbnails: Thumbnails,
  ) {}

  /**
   * A small picture of an image that this agent has uploaded or received: at most 320 × 320 pixels, upright, the first frame,
   * without metadata such as the place where it was taken.
   */
  @Get(':file/thumbnail')
  @ApiHeader({ name: 'If-None-Match', required: false, description: 'The ETag of an earlier answer.' })
  @ApiOkResponse({
    description: 'The thumbnail.',
    content: { [TYPE]: { schema: { type: 'string', format: 'binary' } } },
  })
  @ApiResponse({ status: 304, description: 'It is still the same.' })
  @Refuses('file-not-found', 'not-an-image', 'image-too-large', 'image-damaged')
  async thumbnail(
    @CurrentCaller() caller: Caller,
    @Param('file', { schema: fileIdSchema }) id: FileId,
    @Req() { headers }: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const held = await this.node.files.find(this.node.keyring.keysOf(caller.agent), id);
    const etag = `"${id}.${EDITION}"`;
    if (hasTag(headers['if-none-match'], etag)) {
      await cacheable(reply, etag).status(HttpStatus.NOT_MODIFIED).send();
      return;
    }
    const thumbnail = await this.thumbnails.of(caller, held, goneOf(reply));
    await cacheable(reply, etag).type(TYPE).send(thumbnail);
  }
}

/** Its client may keep it, and asks each time whether the agent still holds the file. */
function cacheable(reply: FastifyReply, etag: string): FastifyReply {
  return reply.headers({ etag, 'cache-control': 'private, no-cache', vary: 'Authorization' });
}

/** Weak tags count too (RFC 9110 §13.1.2). */
function hasTag(header: string | undefined, etag: string): boolean {
  const tags = header?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? [];
  return tags.includes(etag);
}
