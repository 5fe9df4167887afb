import { decodeCanonical, encodeCanonical, fromBase64Url, toBase64Url } from '@musubi/crypto';
import { type AgentPubKey, InvalidCursorError, agentPubKeySchema } from '@musubi/messaging';
import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Public } from '../access/access.js';
import { TokenStore } from '../access/token.store.js';
import { AgentLife } from '../node/agent-life.js';
import { ApiError } from '../problem/api-error.js';
import {
  type AgentView,
  type DirectoryQuery,
  type NewAgent,
  agentPageSchema,
  agentParamSchema,
  agentTokenSchema,
  agentViewSchema,
  directoryQuerySchema,
  newAgentSchema,
} from './agents.schemas.js';
import { type DirectoryEntry, DirectoryStore } from './directory.store.js';

@ApiTags('agents')
@Controller('v1/agents')
export class AgentsController {
  constructor(
    @Inject(AgentLife) private readonly life: AgentLife,
    @Inject(DirectoryStore) private readonly directory: DirectoryStore,
    @Inject(TokenStore) private readonly tokens: TokenStore,
  ) {}

  /** Makes an agent's keys and its cells, and signs it in. */
  @Public()
  @Post()
  @ApiCreatedResponse({ standardSchema: agentTokenSchema })
  async create(
    @Body({ schema: newAgentSchema }) { nickname, passphrase }: NewAgent,
  ): Promise<z.infer<typeof agentTokenSchema>> {
    const agent = await this.life.create(passphrase);
    await this.directory.add({ agent, nickname });
    return { agent, token: await this.tokens.issue(agent) };
  }

  @Get()
  @ApiBearerAuth()
  @ApiOkResponse({ standardSchema: agentPageSchema })
  async search(
    @Query({ schema: directoryQuerySchema }) { search, after, limit }: DirectoryQuery,
  ): Promise<z.infer<typeof agentPageSchema>> {
    const from = after === undefined ? null : entryFromCursor(after);
    const found = await this.directory.search({ search, after: from, limit: limit + 1 });
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const next = found.length > limit && last !== undefined ? cursorOf(last) : null;
    return { items: items.map((entry) => this.view(entry)), next, prev: null };
  }

  @Get(':agent')
  @ApiBearerAuth()
  @ApiOkResponse({ standardSchema: agentViewSchema })
  async find(@Param('agent', { schema: agentParamSchema }) agent: AgentPubKey): Promise<AgentView> {
    const entry = await this.directory.find(agent);
    if (entry === null) throw new ApiError('unknown-agent', 'There is no such agent on this node.');
    return this.view(entry);
  }

  private view({ agent, nickname }: DirectoryEntry): AgentView {
    return { agent, nickname, online: this.life.isOnline(agent) };
  }
}

const cursorSchema = z.tuple([newAgentSchema.shape.nickname, agentPubKeySchema]);

function cursorOf({ nickname, agent }: DirectoryEntry): string {
  return toBase64Url(encodeCanonical([nickname, agent]));
}

/** The directory is public to every agent, so that its cursors have nothing to hide or to protect. */
function entryFromCursor(cursor: string): DirectoryEntry {
  try {
    const [nickname, agent] = cursorSchema.parse(decodeCanonical(fromBase64Url(cursor)));
    return { nickname, agent };
  } catch (error) {
    throw new InvalidCursorError('this is not a cursor', { cause: error });
  }
}
