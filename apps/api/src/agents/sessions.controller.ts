import { type AgentPubKey, parseTimestamp, toRfc3339 } from '@musubi/messaging';
import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Ip, Param, Post } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiTags,
} from '@nestjs/swagger';
import { type z } from 'zod';
import { type Caller, CurrentAgent, CurrentCaller, Public, WorksLocked } from '../access/access.js';
import { PassphraseGate } from '../access/passphrase-gate.js';
import { Homes } from '../access/homes.js';
import { ApiError, wrongPassphrase } from '../problem/api-error.js';
import { Refuses } from '../problem/refusals.js';
import { Sessions } from '../sessions/sessions.js';
import {
  type NewSession,
  newSessionSchema,
  sessionListSchema,
  sessionParamSchema,
  sessionTokenSchema,
} from './sessions.schemas.js';

@ApiTags('sessions')
@Controller('v1/sessions')
export class SessionsController {
  constructor(
    private readonly sessions: Sessions,
    private readonly gate: PassphraseGate,
    private readonly homes: Homes,
  ) {}

  /** Unlocks an agent's keys: it is online from here on. */
  @Public()
  @Post()
  @ApiCreatedResponse({ standardSchema: sessionTokenSchema })
  @Refuses('agent-moved', 'unauthenticated')
  async signIn(
    @Body({ schema: newSessionSchema }) { agent, passphrase }: NewSession,
    @Ip() address: string,
  ): Promise<{ readonly token: string }> {
    const opened = await this.gate.attempt({ address, agent }, () => this.sessions.open(agent, passphrase));
    if (opened === null) throw wrongPassphrase();
    await this.homes.require(agent);
    const token = await this.sessions.signIn(opened);
    if (token === null) throw wrongPassphrase();
    return { token };
  }

  /** This agent's sessions, the one used last first. They can be seen and ended while its keys are locked. */
  @Get()
  @WorksLocked()
  @ApiBearerAuth()
  @ApiOkResponse({ standardSchema: sessionListSchema })
  async list(
    @CurrentCaller() { agent, session: current }: Caller,
  ): Promise<z.infer<typeof sessionListSchema>> {
    const items = (await this.sessions.list(agent)).map(({ id, createdAt, usedAt, endsAt }) => ({
      id,
      createdAt: toRfc3339(createdAt),
      lastUsedAt: toRfc3339(usedAt),
      expiresAt: endsAt === null ? null : toRfc3339(parseTimestamp(endsAt)),
      current: id === current.id,
    }));
    return { items, next: null, prev: null };
  }

  /** Ends this session. With the last one of an attended agent, its keys are locked: it is offline. */
  @Delete('current')
  @HttpCode(HttpStatus.NO_CONTENT)
  @WorksLocked()
  @ApiBearerAuth()
  @ApiNoContentResponse()
  async signOut(@CurrentCaller() { agent, session }: Caller): Promise<void> {
    await this.sessions.end(agent, session.id);
  }

  /** Ends one session of this agent: its token is worth nothing from here on. */
  @Delete(':session')
  @HttpCode(HttpStatus.NO_CONTENT)
  @WorksLocked()
  @ApiBearerAuth()
  @ApiNoContentResponse()
  @Refuses('session-not-found')
  async end(
    @CurrentAgent() agent: AgentPubKey,
    @Param('session', { schema: sessionParamSchema }) id: string,
  ): Promise<void> {
    if (await this.sessions.end(agent, id)) return;
    throw new ApiError('session-not-found', 'This agent has no such session.');
  }

  /** Ends every session of this agent, this one included. */
  @Delete()
  @HttpCode(HttpStatus.NO_CONTENT)
  @WorksLocked()
  @ApiBearerAuth()
  @ApiNoContentResponse()
  async endAll(@CurrentAgent() agent: AgentPubKey): Promise<void> {
    await this.sessions.endAll(agent);
  }
}
