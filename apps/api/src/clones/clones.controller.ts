import { type AgentPubKey } from '@musubi/messaging';
import { type Clones } from '@musubi/pairwise-dht';
import { Body, Controller, Get, Inject, Param, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { type z } from 'zod';
import { type Caller, CurrentAgent, CurrentCaller } from '../access/access.js';
import { WorkPlaces } from '../access/work-places.js';
import { agentParamSchema } from '../agents/agents.schemas.js';
import { CLONES } from '../node/tokens.js';
import { Refuses } from '../problem/refusals.js';
import {
  type CloneChange,
  type ClonePageQuery,
  type CloneView,
  cloneChangeSchema,
  type ClonesChange,
  clonePageSchema,
  clonesChangeSchema,
  clonesChangedSchema,
  cloneQuerySchema,
  cloneViewSchema,
} from './clones.schemas.js';

/** The private spaces of `pairwise-dht`, one for each peer. */
@ApiTags('clones')
@ApiBearerAuth()
@Controller('v1/clones')
export class ClonesController {
  constructor(
    @Inject(CLONES) private readonly clones: Clones,
    private readonly places: WorkPlaces,
  ) {}

  /** This agent's clones, whatever their state. */
  @Get()
  @ApiOkResponse({ standardSchema: clonePageSchema })
  @Refuses('invalid-cursor')
  async list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: cloneQuerySchema }) { after, limit }: ClonePageQuery,
  ): Promise<z.infer<typeof clonePageSchema>> {
    const query = { limit, ...(after === undefined ? {} : { after }) };
    const { items, ...rest } = await this.places.inTurn(caller, () => this.clones.list(caller.agent, query));
    return { ...rest, items: [...items], prev: null };
  }

  @Get(':peer')
  @ApiOkResponse({ standardSchema: cloneViewSchema })
  @Refuses('clone-not-found')
  find(
    @CurrentAgent() agent: AgentPubKey,
    @Param('peer', { schema: agentParamSchema }) peer: AgentPubKey,
  ): Promise<CloneView> {
    return this.clones.find(agent, peer);
  }

  /** Switches off all clones that peers opened. What they send waits with them; their messages stay readable. */
  @Put()
  @ApiOkResponse({ standardSchema: clonesChangedSchema })
  async changeAll(
    @CurrentAgent() agent: AgentPubKey,
    @Body({ schema: clonesChangeSchema }) { openedBy }: ClonesChange,
  ): Promise<z.infer<typeof clonesChangedSchema>> {
    return { openedBy, disabled: await this.clones.disableOpenedByPeers(agent) };
  }

  /** Switches a clone off, or on again if the clone limit has room. Repeats harmlessly. */
  @Put(':peer')
  @ApiOkResponse({ standardSchema: cloneViewSchema })
  @Refuses('clone-not-found', 'clone-limit-reached', 'head-moved', 'chain-locked')
  change(
    @CurrentAgent() agent: AgentPubKey,
    @Param('peer', { schema: agentParamSchema }) peer: AgentPubKey,
    @Body({ schema: cloneChangeSchema }) { enabled }: CloneChange,
  ): Promise<CloneView> {
    return enabled ? this.clones.enable(agent, peer) : this.clones.disable(agent, peer);
  }
}
