import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { type Logger } from 'pino';
import { AccessGuard } from './access/access.guard.js';
import { IdentityGuard } from './access/identity.guard.js';
import { RateLimitGuard } from './access/rate-limit.guard.js';
import { TokenStore } from './access/token.store.js';
import { AgentsController } from './agents/agents.controller.js';
import { DirectoryStore } from './agents/directory.store.js';
import { SessionsController } from './agents/sessions.controller.js';
import { ClonesController } from './clones/clones.controller.js';
import { type Config } from './config/config.js';
import { HealthController } from './health/health.controller.js';
import { LabModule, type LabParts } from './lab/lab.module.js';
import { ActOfSending } from './messages/act-of-sending.js';
import { IdempotencyStore } from './messages/idempotency.store.js';
import { MessagesController } from './messages/messages.controller.js';
import { ReceiptsController } from './messages/receipts.controller.js';
import { AgentLife } from './node/agent-life.js';
import { Delivery } from './node/delivery.service.js';
import { type ServiceNode } from './node/node-context.js';
import { type ServiceStrategies } from './node/strategies.js';
import { CLONES, CONFIG, DATABASE, LOGGER, NODE, STRATEGIES } from './node/tokens.js';
import { ProblemFilter } from './problem/problem.filter.js';
import { SignalsController } from './signals/signals.controller.js';
import { MeasuredCards } from './strategies/measured-cards.js';
import { StrategiesController } from './strategies/strategies.controller.js';

/** What exists before Nest does: opened first, closed last. */
export interface AppParts {
  readonly config: Config;
  readonly logger: Logger;
  readonly node: ServiceNode;
  readonly strategies: ServiceStrategies;
  readonly cards: MeasuredCards;
  /** Present with `LAB=1`, and with it the routes of the lab. */
  readonly lab: Pick<LabParts, 'faults' | 'store'> | null;
}

@Module({})
export class AppModule {
  static of({ config, logger, node, strategies, cards, lab }: AppParts): DynamicModule {
    return {
      module: AppModule,
      imports: lab === null ? [] : [LabModule.of({ ...lab, cards, logger })],
      controllers: [
        AgentsController,
        SessionsController,
        StrategiesController,
        MessagesController,
        ReceiptsController,
        ClonesController,
        SignalsController,
        HealthController,
      ],
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: LOGGER, useValue: logger },
        { provide: DATABASE, useValue: node.db },
        { provide: NODE, useValue: node },
        { provide: STRATEGIES, useValue: strategies },
        { provide: MeasuredCards, useValue: cards },
        { provide: CLONES, useValue: strategies['pairwise-dht'].clones },
        AgentLife,
        TokenStore,
        DirectoryStore,
        IdempotencyStore,
        ActOfSending,
        Delivery,
        // In this order: who is it, is it too much, may it.
        { provide: APP_GUARD, useClass: IdentityGuard },
        { provide: APP_GUARD, useClass: RateLimitGuard },
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}
