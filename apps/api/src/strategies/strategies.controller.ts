import { STRATEGY_NAMES, type Strategies, type StrategyName } from '@musubi/messaging';
import { Controller, Get, Inject, Param } from '@nestjs/common';
import { ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { type z } from 'zod';
import { Public } from '../access/access.js';
import { VARIANTS } from '../node/strategies.js';
import { STRATEGIES } from '../node/tokens.js';
import { MeasuredCards } from '../lab/measured-cards.js';
import {
  type StrategyItem,
  type StrategyView,
  parseStrategyName,
  strategyItemSchema,
  strategyListSchema,
} from './strategies.schemas.js';

@ApiTags('strategies')
@Public()
@Controller('v1/strategies')
export class StrategiesController {
  constructor(
    @Inject(STRATEGIES) private readonly strategies: Strategies,
    private readonly cards: MeasuredCards,
  ) {}

  @Get()
  @ApiOkResponse({ standardSchema: strategyListSchema })
  list(): z.infer<typeof strategyListSchema> {
    return { items: STRATEGY_NAMES.map((name) => this.view(name)), next: null, prev: null };
  }

  /** What it declares, and beside that what the lab last measured. */
  @Get(':strategy')
  @ApiParam({ name: 'strategy', enum: STRATEGY_NAMES })
  @ApiOkResponse({ standardSchema: strategyItemSchema })
  find(@Param('strategy') text: string): StrategyItem {
    const name = parseStrategyName(text);
    return { ...this.view(name), measured: this.cards.find(name) };
  }

  private view(name: StrategyName): StrategyView {
    return { name, variant: { ...VARIANTS[name] }, guarantees: { ...this.strategies[name].guarantees } };
  }
}
