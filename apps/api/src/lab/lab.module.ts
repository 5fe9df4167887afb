import { type DynamicModule, Module } from '@nestjs/common';
import { LabFaults } from '../node/lab-faults.js';
import { ComparisonStore } from './comparison.store.js';
import { Comparisons } from './comparisons.js';
import { ComparisonsController } from './comparisons.controller.js';
import { FaultsController } from './faults.controller.js';

export interface LabParts {
  readonly faults: LabFaults;
  readonly store: ComparisonStore;
}

/** Routes that break the service on purpose, and that keep its machine busy. Imported only with `LAB=1`. */
@Module({ controllers: [FaultsController, ComparisonsController], providers: [Comparisons] })
export class LabModule {
  static of({ faults, store }: LabParts): DynamicModule {
    return {
      module: LabModule,
      providers: [
        { provide: LabFaults, useValue: faults },
        { provide: ComparisonStore, useValue: store },
      ],
    };
  }
}
