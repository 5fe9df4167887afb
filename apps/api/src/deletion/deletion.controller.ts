import { type AgentPubKey } from '@musubi/messaging';
import { Body, Controller, HttpCode, HttpStatus, Param, Post, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { type CallerRequest, Public } from '../access/access.js';
import { agentParamSchema } from '../agents/agents.schemas.js';
import { Refuses } from '../problem/refusals.js';
import { AgentDeletions } from './agent-deletions.js';
import { type DeletionRequest, deletionSchema } from './deletion.schemas.js';

@ApiTags('agents')
@Controller('v1/agents/:agent/deletion')
export class DeletionController {
  constructor(private readonly deletions: AgentDeletions) {}

  /**
   * Deletes the agent for good: its key and its sessions with the answer, all else that it holds on this node soon afterwards.
   * What others hold stays theirs. Of an agent that is deleted already the call needs no token, and changes nothing: the
   * answer to the first one may have been lost.
   */
  @Public()
  @Post()
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiBearerAuth()
  @ApiNoContentResponse()
  @Refuses('agent-moved', 'forbidden', 'unauthenticated')
  delete(
    @Param('agent', { schema: agentParamSchema }) agent: AgentPubKey,
    @Body({ schema: deletionSchema }) { passphrase = '' }: DeletionRequest,
    @Req() { caller, ip: address }: CallerRequest,
  ): Promise<void> {
    return this.deletions.delete({ agent, passphrase, address }, caller);
  }
}
