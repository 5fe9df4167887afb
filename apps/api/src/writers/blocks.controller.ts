import { type AgentPubKey } from '@musubi/messaging';
import { Controller, Delete, Get, HttpCode, HttpStatus, Param, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { type z } from 'zod';
import { type Caller, CurrentAgent, CurrentCaller } from '../access/access.js';
import { WorkPlaces } from '../access/work-places.js';
import { agentParamSchema } from '../agents/agents.schemas.js';
import { Refuses } from '../problem/refusals.js';
import {
  type BlockPageQuery,
  type BlockView,
  blockPageSchema,
  blockQuerySchema,
  blockViewSchema,
} from './writers.schemas.js';
import { WriteAccess } from './write-access.js';

/** The agents, of this node or others, that may not write to this agent. */
@ApiTags('blocks')
@ApiBearerAuth()
@Controller('v1/blocks')
export class BlocksController {
  constructor(
    private readonly access: WriteAccess,
    private readonly places: WorkPlaces,
  ) {}

  @Get()
  @ApiOkResponse({ standardSchema: blockPageSchema })
  @Refuses('invalid-cursor')
  async list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: blockQuerySchema }) { after, limit }: BlockPageQuery,
  ): Promise<z.infer<typeof blockPageSchema>> {
    const query = { limit, ...(after === undefined ? {} : { after }) };
    const { items, ...rest } = await this.places.inTurn(caller, () => this.access.list(caller.agent, query));
    return { ...rest, items: items.map((agent) => ({ agent })), prev: null };
  }

  @Get(':agent')
  @ApiOkResponse({ standardSchema: blockViewSchema })
  @Refuses('block-not-found')
  async find(
    @CurrentAgent() holder: AgentPubKey,
    @Param('agent', { schema: agentParamSchema }) agent: AgentPubKey,
  ): Promise<BlockView> {
    await this.access.requireBlocked(holder, agent);
    return { agent };
  }

  /**
   * From the answer on, nothing that the agent writes is taken. What was delivered before stays, and so do its receipts. The
   * agent is not told. Repeats harmlessly.
   */
  @Put(':agent')
  @ApiOkResponse({ standardSchema: blockViewSchema })
  @Refuses('block-limit-reached')
  async block(
    @CurrentAgent() holder: AgentPubKey,
    @Param('agent', { schema: agentParamSchema }) agent: AgentPubKey,
  ): Promise<BlockView> {
    await this.access.block(holder, agent);
    return { agent };
  }

  /** The agent may write again, if the settings say so. */
  @Delete(':agent')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiNoContentResponse()
  @Refuses('block-not-found')
  unblock(
    @CurrentAgent() holder: AgentPubKey,
    @Param('agent', { schema: agentParamSchema }) agent: AgentPubKey,
  ): Promise<void> {
    return this.access.unblock(holder, agent);
  }
}
