import { type MessagingStrategy, type Strategies } from '@musubi/messaging';
import { Inject, Injectable, type PipeTransform } from '@nestjs/common';
import { STRATEGIES } from '../node/tokens.js';
import { parseStrategyName } from './strategies.schemas.js';

/** A path's strategy name becomes the strategy: which one is all that a caller chooses. */
@Injectable()
export class StrategyPipe implements PipeTransform<string, MessagingStrategy> {
  constructor(@Inject(STRATEGIES) private readonly strategies: Strategies) {}

  transform(name: string): MessagingStrategy {
    return this.strategies[parseStrategyName(name)];
  }
}
