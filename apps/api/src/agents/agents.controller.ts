import { decodeCanonical, encodeCanonical, fromBase64Url, toBase64Url } from '@musubi/crypto';
import { type AgentPubKey, InvalidCursorError, agentPubKeySchema } from '@musubi/messaging';
import { Body, Controller, Get, Headers, Ip, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiHeader, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { type Caller, CurrentCaller, Public } from '../access/access.js';
import { WorkPlaces } from '../access/work-places.js';
import { AgentLifecycle } from '../node/agent-lifecycle.js';
import { parseIdempotencyKey } from '../http/idempotency-key.js';
import { ApiError } from '../problem/api-error.js';
import { Refuses } from '../problem/refusals.js';
import { AgentMaker } from './agent-maker.js';
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
    private readonly life: AgentLifecycle,
    private readonly directory: DirectoryStore,
    private readonly maker: AgentMaker,
    private readonly places: WorkPlaces,
  ) {}

  /** Makes an agent's keys and its cells, and signs it in. */
  @Public()
  @Post()
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      'Repeats the same request safely for a day: the same agent, and a token of its own. Without a passphrase the key ' +
      'is a secret, and needs 22 random characters or more.',
  })
  @ApiHeader({
    name: 'Registration-Token',
    required: false,
    description: 'Needed where the node has `REGISTRATION=token`.',
  })
  @ApiCreatedResponse({ standardSchema: agentTokenSchema })
  @Refuses('idempotency-key-reused', 'registration-closed')
  async create(
    @Body({ schema: newAgentSchema }) request: NewAgent,
    @Ip() address: string,
    @Headers('idempotency-key') key: string | undefined,
    @Headers('registration-token') registrationToken: string | undefined,
  ): Promise<z.infer<typeof agentTokenSchema>> {
    return this.maker.make(request, { address, registrationToken, key: parseIdempotencyKey(key) });
  }

  @Get()
  @ApiBearerAuth()
  @ApiOkResponse({ standardSchema: agentPageSchema })
  @Refuses('invalid-cursor')
  async search(
    @CurrentCaller() caller: Caller,
    @Query({ schema: directoryQuerySchema }) { search, after, limit }: DirectoryQuery,
  ): Promise<z.infer<typeof agentPageSchema>> {
    const from = after === undefined ? null : entryFromCursor(after);
    const query = { search, after: from, limit: limit + 1 };
    const found = await this.places.inTurn(caller, () => this.directory.search(query));
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const online = await this.life.onlineAmong(items.map(({ agent }) => agent));
    const next = found.length > limit && last !== undefined ? cursorOf(last) : null;
    return { items: items.map((entry) => viewOf(entry, online)), next, prev: null };
  }

  @Get(':agent')
  @ApiBearerAuth()
  @ApiOkResponse({ standardSchema: agentViewSchema })
  @Refuses('unknown-agent')
  async find(@Param('agent', { schema: agentParamSchema }) agent: AgentPubKey): Promise<AgentView> {
    const entry = await this.directory.find(agent);
    if (entry === null) throw new ApiError('unknown-agent', 'There is no such agent on this node.');
    return viewOf(entry, await this.life.onlineAmong([agent]));
  }
}

function viewOf({ agent, nickname }: DirectoryEntry, online: ReadonlySet<AgentPubKey>): AgentView {
  return { agent, nickname, online: online.has(agent) };
}

/** Any nickname that PostgreSQL can hold, since rules for new nicknames may change. */
const cursorSchema = z.tuple([z.string().refine((nickname) => !nickname.includes('\0')), agentPubKeySchema]);

function cursorOf({ nickname, agent }: DirectoryEntry): string {
  return toBase64Url(encodeCanonical([nickname, agent]));
}

/**
 * The directory is public to every agent, so that its cursors have nothing to hide or to protect. One is a place in the
 * order of nicknames, which leads on in a restored database as well.
 */
function entryFromCursor(cursor: string): DirectoryEntry {
  try {
    const [nickname, agent] = cursorSchema.parse(decodeCanonical(fromBase64Url(cursor)));
    return { nickname, agent };
  } catch (error) {
    throw new InvalidCursorError('this is not a cursor', { cause: error });
  }
}
