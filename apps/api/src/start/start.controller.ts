import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { type Caller, CurrentCaller } from '../access/access.js';
import { WorkPlaces } from '../access/work-places.js';
import { type StartQuery, type StartView, startQuerySchema, startViewSchema } from './start.schemas.js';
import { OwnPages } from './own-pages.js';
import { StartPages } from './start-pages.js';

@ApiTags('start')
@ApiBearerAuth()
@Controller('v1/start')
export class StartController {
  constructor(
    private readonly own: OwnPages,
    private readonly start: StartPages,
    private readonly places: WorkPlaces,
  ) {}

  /**
   * All that a client shows at its start: this agent, its settings, its contacts, its latest conversations on each placement,
   * and the cursor from which `GET /v1/changes` goes on without a gap.
   */
  @Get()
  @ApiOkResponse({ standardSchema: startViewSchema })
  find(
    @CurrentCaller() caller: Caller,
    @Query({ schema: startQuerySchema }) { limit }: StartQuery,
  ): Promise<StartView> {
    const { agent } = caller;
    return this.places.inTurn(caller, async () => ({
      ...(await this.own.of(agent, limit)),
      ...(await this.start.of(agent, limit)),
    }));
  }
}
