import { STRATEGY_NAMES } from '@musubi/messaging';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { type Caller, CurrentCaller } from '../access/access.js';
import { WorkPlaces } from '../access/work-places.js';
import { type ServiceStrategy } from '../node/strategies.js';
import { Refuses } from '../problem/refusals.js';
import { StrategyPipe } from '../strategies/strategy.pipe.js';
import { MessageSearch } from './message-search.js';
import { type SearchPage, type SearchQuery, searchPageSchema, searchQuerySchema } from './search.schemas.js';

@ApiTags('messages')
@ApiBearerAuth()
@ApiParam({ name: 'strategy', enum: STRATEGY_NAMES })
@Controller('v1/strategies/:strategy/search')
export class SearchController {
  constructor(
    private readonly messages: MessageSearch,
    private readonly places: WorkPlaces,
  ) {}

  /** This agent's messages with certain words, latest first. Each answer looks at a bounded number of messages. */
  @Get()
  @ApiOkResponse({ standardSchema: searchPageSchema })
  @Refuses('invalid-cursor')
  search(
    @Param('strategy', StrategyPipe) strategy: ServiceStrategy,
    @CurrentCaller() caller: Caller,
    @Query({ schema: searchQuerySchema }) query: SearchQuery,
  ): Promise<SearchPage> {
    return this.places.inTurn(caller, () => this.messages.of(strategy, caller, query));
  }
}
