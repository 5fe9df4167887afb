import { type AgentPubKey } from '@musubi/messaging';
import { Body, Controller, Delete, HttpCode, HttpStatus, Inject, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { CurrentAgent, CurrentToken, Public } from '../access/access.js';
import { TokenStore } from '../access/token.store.js';
import { AgentLife } from '../node/agent-life.js';
import { ApiError } from '../problem/api-error.js';
import { type NewSession, newSessionSchema, sessionTokenSchema } from './agents.schemas.js';

@ApiTags('sessions')
@Controller('v1/sessions')
export class SessionsController {
  constructor(
    @Inject(AgentLife) private readonly life: AgentLife,
    @Inject(TokenStore) private readonly tokens: TokenStore,
  ) {}

  /** Unlocks an agent's keys: it is online from here on. */
  @Public()
  @Post()
  @ApiCreatedResponse({ standardSchema: sessionTokenSchema })
  async signIn(
    @Body({ schema: newSessionSchema }) { agent, passphrase }: NewSession,
  ): Promise<{ readonly token: string }> {
    if (!(await this.life.unlock(agent, passphrase))) {
      throw new ApiError('unauthenticated', 'No agent has this key and this passphrase.');
    }
    return { token: await this.tokens.issue(agent) };
  }

  /** Gives up this token. With the last one of an attended agent, its keys are locked: it is offline. */
  @Delete('current')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiBearerAuth()
  @ApiNoContentResponse()
  async signOut(@CurrentAgent() agent: AgentPubKey, @CurrentToken() token: string): Promise<void> {
    if (!(await this.tokens.revoke(agent, token))) await this.life.lock(agent);
  }
}
