import { type AgentPubKey } from '@musubi/messaging';
import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CurrentAgent } from '../access/access.js';
import {
  type Settings,
  type SettingsChange,
  settingsChangeSchema,
  settingsSchema,
} from './writers.schemas.js';
import { WriteAccess } from './write-access.js';

/** What an agent has set for itself. */
@ApiTags('settings')
@ApiBearerAuth()
@Controller('v1/settings')
export class SettingsController {
  constructor(private readonly access: WriteAccess) {}

  @Get()
  @ApiOkResponse({ standardSchema: settingsSchema })
  async find(@CurrentAgent() agent: AgentPubKey): Promise<Settings> {
    return this.access.settings(agent);
  }

  /** What is absent stays. Repeats harmlessly, also after an error, when one of two may hold. Holds from the answer on, in every process of the node. */
  @Put()
  @ApiOkResponse({ standardSchema: settingsSchema })
  async change(
    @CurrentAgent() agent: AgentPubKey,
    @Body({ schema: settingsChangeSchema }) change: SettingsChange,
  ): Promise<Settings> {
    await this.access.change(agent, change);
    return this.access.settings(agent);
  }
}
