import { Readable } from 'node:stream';
import { type AgentPubKey } from '@musubi/messaging';
import {
  Body,
  Controller,
  Headers,
  HttpCode,
  HttpStatus,
  Ip,
  Param,
  Post,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import {
  ApiBasicAuth,
  ApiBearerAuth,
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiTags,
} from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type z } from 'zod';
import { CurrentAgent, Public, WorksLocked, requireSelf } from '../access/access.js';
import { agentParamSchema, agentTokenSchema } from '../agents/agents.schemas.js';
import { cutLate } from '../http/cut-late.js';
import { goneOf } from '../http/gone-of.js';
import { Refuses } from '../problem/refusals.js';
import { AGENT_FILE_TYPE, agentFileOf } from './agent-file-body.js';
import { basicCredentials } from './basic-credentials.js';
import { MovingAgents } from './moving-agents.js';
import {
  type Export,
  type ImportQuery,
  type Return,
  exportSchema,
  importQuerySchema,
  returnSchema,
} from './moving.schemas.js';

const FILE = { schema: { type: 'string', format: 'binary' } } as const;

@ApiTags('agents')
@Controller('v1/agents')
export class MovingController {
  constructor(private readonly moving: MovingAgents) {}

  /** Takes an agent from its file: it lives on this node from here on, and is signed in. */
  @Public()
  @Post('import')
  @ApiBasicAuth()
  @ApiConsumes(AGENT_FILE_TYPE)
  @ApiBody({ description: 'What the export of the agent answered.', ...FILE })
  @ApiCreatedResponse({ standardSchema: agentTokenSchema })
  @Refuses(
    'agent-deleted',
    'agent-is-here',
    'agent-moved',
    'import-outdated',
    'import-refused',
    'node-alone',
    'old-home-unreachable',
    'registration-closed',
    'unauthenticated',
  )
  async import(
    @Req() request: FastifyRequest,
    @Query({ schema: importQuerySchema }) { abandoned }: ImportQuery,
    @Ip() address: string,
    @Headers('registration-token') registrationToken: string | undefined,
  ): Promise<z.infer<typeof agentTokenSchema>> {
    const { agent, passphrase } = basicCredentials(request.headers.authorization);
    const isAbandoned = abandoned === 'true';
    const file = agentFileOf(request);
    return this.moving.import(file, { agent, passphrase, address, registrationToken, isAbandoned });
  }

  /** The file with which another node takes this agent. Nothing more is written for it here from now on. */
  @Post(':agent/export')
  @HttpCode(HttpStatus.OK)
  @WorksLocked()
  @ApiBearerAuth()
  @ApiOkResponse({ content: { [AGENT_FILE_TYPE]: FILE } })
  @Refuses('agent-moved', 'forbidden', 'node-alone')
  async export(
    @Param('agent', { schema: agentParamSchema }) agent: AgentPubKey,
    @CurrentAgent() caller: AgentPubKey,
    @Body({ schema: exportSchema }) { passphrase }: Export,
    @Ip() address: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    requireSelf(agent, caller);
    await this.moving.export({ agent, passphrase, address }, async (file) => {
      cutLate(reply.raw);
      const content = Readable.from(file(goneOf(reply)), { objectMode: false });
      await reply.header('content-type', AGENT_FILE_TYPE).send(content);
    });
  }

  /** Undoes an export that no node has imported: the agent stays. */
  @Post(':agent/return')
  @HttpCode(HttpStatus.NO_CONTENT)
  @WorksLocked()
  @ApiBearerAuth()
  @ApiNoContentResponse()
  @Refuses('agent-moved', 'forbidden', 'node-alone')
  async return(
    @Param('agent', { schema: agentParamSchema }) agent: AgentPubKey,
    @CurrentAgent() caller: AgentPubKey,
    @Body({ schema: returnSchema }) { passphrase }: Return,
    @Ip() address: string,
  ): Promise<void> {
    requireSelf(agent, caller);
    await this.moving.takeBack({ agent, passphrase: passphrase ?? '', address });
  }
}
