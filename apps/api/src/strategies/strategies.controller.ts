import { STRATEGY_NAMES, type Strategies, type StrategyName } from '@musubi/messaging';
import { Controller, Get, Inject, Param } from '@nestjs/common';
import { ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { type z } from 'zod';
import { Public } from '../access/access.js';
import { VARIANTS } from '../node/strategies.js';
import { STRATEGIES } from '../node/tokens.js';
import {
  type StrategyView,
  parseStrategyName,
  strategyListSchema,
  strategyViewSchema,
} from './strategies.schemas.js';

@ApiTags('strategies')
@Public()
@Controller('v1/strategies')
export class StrategiesController {
  constructor(@Inject(STRATEGIES) private readonly strategies: Strategies) {}

  @Get()
  @ApiOkResponse({ standardSchema: strategyListSchema })
  list(): z.infer<typeof strategyListSchema> {
    return { items: STRATEGY_NAMES.map((name) => this.view(name)), next: null, prev: null };
  }

  @Get(':strategy')
  @ApiParam({ name: 'strategy', enum: STRATEGY_NAMES })
  @ApiOkResponse({ standardSchema: strategyViewSchema })
  find(@Param('strategy') name: string): StrategyView {
    return this.view(parseStrategyName(name));
  }

  private view(name: StrategyName): StrategyView {
    return { name, variant: { ...VARIANTS[name] }, guarantees: { ...this.strategies[name].guarantees } };
  }
}
