import { type AgentPubKey } from '@musubi/messaging';
import { Body, Controller, HttpCode, HttpStatus, Ip, Param, Post, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { type z } from 'zod';
import { CurrentAgent, Public, WorksLocked, requireSelf } from '../access/access.js';
import { agentParamSchema } from '../agents/agents.schemas.js';
import { sessionTokenSchema } from '../agents/sessions.schemas.js';
import { Refuses } from '../problem/refusals.js';
import {
  type PassphraseChange,
  type Recovery,
  type RecoveryWordsRequest,
  passphraseChangeSchema,
  recoverySchema,
  recoveryWordsRequestSchema,
  recoveryWordsSchema,
} from './passphrases.schemas.js';
import { Passphrases } from './passphrases.js';

@ApiTags('agents')
@Controller('v1/agents/:agent')
export class PassphrasesController {
  constructor(private readonly passphrases: Passphrases) {}

  /** Seals the keys under another passphrase. Every session ends, this one included; the answer has a new one. */
  @Put('passphrase')
  @WorksLocked()
  @ApiBearerAuth()
  @ApiOkResponse({ standardSchema: sessionTokenSchema })
  @Refuses('agent-moved', 'forbidden')
  async change(
    @Param('agent', { schema: agentParamSchema }) agent: AgentPubKey,
    @CurrentAgent() caller: AgentPubKey,
    @Body({ schema: passphraseChangeSchema }) { passphrase, newPassphrase }: PassphraseChange,
    @Ip() address: string,
  ): Promise<z.infer<typeof sessionTokenSchema>> {
    requireSelf(agent, caller);
    return { token: await this.passphrases.change({ agent, address }, passphrase, newPassphrase) };
  }

  /** The agent as 24 words to write down, for when its passphrase is forgotten. */
  @Post('recovery-words')
  @HttpCode(HttpStatus.OK)
  @WorksLocked()
  @ApiBearerAuth()
  @ApiOkResponse({ standardSchema: recoveryWordsSchema })
  @Refuses('agent-moved', 'agent-unattended', 'forbidden')
  async words(
    @Param('agent', { schema: agentParamSchema }) agent: AgentPubKey,
    @CurrentAgent() caller: AgentPubKey,
    @Body({ schema: recoveryWordsRequestSchema }) { passphrase }: RecoveryWordsRequest,
    @Ip() address: string,
  ): Promise<z.infer<typeof recoveryWordsSchema>> {
    requireSelf(agent, caller);
    return { words: await this.passphrases.recoveryWords({ agent, address }, passphrase) };
  }

  /** Seals the keys under a new passphrase, for an owner who has the words. Every session ends; the answer has a new one. */
  @Public()
  @Post('recovery')
  @HttpCode(HttpStatus.OK)
  @ApiOkResponse({ standardSchema: sessionTokenSchema })
  @Refuses('agent-moved', 'unauthenticated')
  async recover(
    @Param('agent', { schema: agentParamSchema }) agent: AgentPubKey,
    @Body({ schema: recoverySchema }) { words, newPassphrase }: Recovery,
    @Ip() address: string,
  ): Promise<z.infer<typeof sessionTokenSchema>> {
    return { token: await this.passphrases.recover({ agent, address }, words, newPassphrase) };
  }
}
