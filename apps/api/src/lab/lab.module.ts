import { type DynamicModule, Module } from '@nestjs/common';
import { type Logger } from 'pino';
import { LOGGER } from '../node/tokens.js';
import { MeasuredCards } from './measured-cards.js';
import { ComparisonStore } from './comparison.store.js';
import { ComparisonsController } from './comparisons.controller.js';
import { Comparisons } from './comparisons.js';
import { FaultsController } from './faults.controller.js';
import { LabFaults } from '../node/lab-faults.js';

export interface LabParts {
  readonly faults: LabFaults;
  readonly store: ComparisonStore;
  readonly cards: MeasuredCards;
  readonly logger: Logger;
}

/** Routes that break the service on purpose, and that keep its machine busy. Imported only with `LAB=1`. */
@Module({})
export class LabModule {
  static of({ faults, store, cards, logger }: LabParts): DynamicModule {
    return {
      module: LabModule,
      controllers: [FaultsController, ComparisonsController],
      providers: [
        { provide: LabFaults, useValue: faults },
        { provide: ComparisonStore, useValue: store },
        { provide: MeasuredCards, useValue: cards },
        { provide: LOGGER, useValue: logger },
        Comparisons,
      ],
    };
  }
}
