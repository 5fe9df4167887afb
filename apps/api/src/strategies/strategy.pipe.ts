import { type Rows } from '@musubi/database';
import { type Strategies } from '@musubi/messaging';
import { Inject, Injectable, type PipeTransform } from '@nestjs/common';
import { type ServiceStrategy } from '../node/strategies.js';
import { STRATEGIES } from '../node/tokens.js';
import { parseStrategyName } from './strategies.schemas.js';

/** A path's strategy name becomes the strategy: which one is all that a caller chooses. */
@Injectable()
export class StrategyPipe implements PipeTransform<string, ServiceStrategy> {
  constructor(@Inject(STRATEGIES) private readonly strategies: Strategies<Rows>) {}

  transform(name: string): ServiceStrategy {
    return this.strategies[parseStrategyName(name)];
  }
}
