import { type AgentPubKey } from '@musubi/messaging';
import { Controller, Get, Headers, Param, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyReply } from 'fastify';
import { agentParamSchema } from '../agents/agents.schemas.js';
import { DirectoryStore } from '../agents/directory.store.js';
import { ApiError } from '../problem/api-error.js';
import { Refuses } from '../problem/refusals.js';
import { CARD_TYPES, formCard } from './card-form.js';
import { Contacts } from './contacts.js';

@ApiTags('contacts')
@ApiBearerAuth()
@Controller('v1/agents/:agent/card')
export class CardsController {
  constructor(
    private readonly contacts: Contacts,
    private readonly directory: DirectoryStore,
  ) {}

  /** What an agent of another node needs to write to this one: as text, or as a QR code. */
  @Get()
  @ApiHeader({ name: 'Accept', required: false, description: `One of ${CARD_TYPES.join(', ')}.` })
  @ApiOkResponse({
    content: Object.fromEntries(CARD_TYPES.map((type) => [type, { schema: { type: 'string' } }])),
  })
  @Refuses('unknown-agent', 'node-alone')
  async card(
    @Param('agent', { schema: agentParamSchema }) agent: AgentPubKey,
    @Headers('accept') accept: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (!(await this.directory.has(agent)))
      throw new ApiError('unknown-agent', 'There is no such agent on this node.');
    const { type, content } = formCard(await this.contacts.cardOf(agent), accept);
    await reply.header('content-type', type).header('vary', 'Accept').send(content);
  }
}
