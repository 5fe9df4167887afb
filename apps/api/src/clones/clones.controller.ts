import { type AgentPubKey } from '@musubi/messaging';
import { type Clones } from '@musubi/pairwise-dht';
import { Body, Controller, Get, Inject, Param, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { type z } from 'zod';
import { CurrentAgent } from '../access/access.js';
import { agentParamSchema } from '../agents/agents.schemas.js';
import { CLONES } from '../node/tokens.js';
import {
  type CloneChange,
  type ClonePageQuery,
  type CloneView,
  cloneChangeSchema,
  clonePageSchema,
  cloneQuerySchema,
  cloneViewSchema,
} from './clones.schemas.js';

/** The private spaces of `pairwise-dht`, one for each peer. */
@ApiTags('clones')
@ApiBearerAuth()
@Controller('v1/clones')
export class ClonesController {
  constructor(@Inject(CLONES) private readonly clones: Clones) {}

  /** This agent's clones, whatever their state. */
  @Get()
  @ApiOkResponse({ standardSchema: clonePageSchema })
  async list(
    @CurrentAgent() agent: AgentPubKey,
    @Query({ schema: cloneQuerySchema }) { after, limit }: ClonePageQuery,
  ): Promise<z.infer<typeof clonePageSchema>> {
    const { items, next } = await this.clones.list(agent, {
      limit,
      ...(after === undefined ? {} : { after }),
    });
    return { items: [...items], next, prev: null };
  }

  @Get(':peer')
  @ApiOkResponse({ standardSchema: cloneViewSchema })
  find(
    @CurrentAgent() agent: AgentPubKey,
    @Param('peer', { schema: agentParamSchema }) peer: AgentPubKey,
  ): Promise<CloneView> {
    return this.clones.find(agent, peer);
  }

  /** Switches a clone off, or on again if the clone limit has room. Repeats harmlessly. */
  @Put(':peer')
  @ApiOkResponse({ standardSchema: cloneViewSchema })
  change(
    @CurrentAgent() agent: AgentPubKey,
    @Param('peer', { schema: agentParamSchema }) peer: AgentPubKey,
    @Body({ schema: cloneChangeSchema }) { enabled }: CloneChange,
  ): Promise<CloneView> {
    return enabled ? this.clones.enable(agent, peer) : this.clones.disable(agent, peer);
  }
}
