import { type DynamicModule, Module } from '@nestjs/common';
import { FaultsController } from './faults.controller.js';
import { LabFaults } from './lab-faults.js';

/** Routes that break the service on purpose. Imported only with `LAB=1`. */
@Module({})
export class LabModule {
  static of(faults: LabFaults): DynamicModule {
    return {
      module: LabModule,
      controllers: [FaultsController],
      providers: [{ provide: LabFaults, useValue: faults }],
    };
  }
}
