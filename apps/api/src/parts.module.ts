import { type DynamicModule, Global, Module } from '@nestjs/common';
import { type Logger } from 'pino';
import { type Config } from './config/config.js';
import { MeasuredCards } from './lab/measured-cards.js';
import { type ServiceNode } from './node/service-node.js';
import { CLONES, CONFIG, DATABASE, LOGGER, NODE, STRATEGIES } from './node/tokens.js';

/** What exists before Nest does: opened first, closed last. */
export interface Parts {
  readonly config: Config;
  readonly logger: Logger;
  readonly node: ServiceNode;
  readonly cards: MeasuredCards;
}

/** The one global module: every feature may inject these parts. */
@Global()
@Module({})
export class PartsModule {
  static of({ config, logger, node, cards }: Parts): DynamicModule {
    const parts = [
      { provide: CONFIG, useValue: config },
      { provide: LOGGER, useValue: logger },
      { provide: DATABASE, useValue: node.db },
      { provide: NODE, useValue: node },
      { provide: STRATEGIES, useValue: node.strategies },
      { provide: CLONES, useValue: node.strategies['pairwise-dht'].clones },
      { provide: MeasuredCards, useValue: cards },
    ];
    return { module: PartsModule, providers: parts, exports: parts };
  }
}
