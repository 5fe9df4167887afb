import { Body, Controller, HttpCode, Put } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { Public } from '../access/access.js';
import { type FaultPlanBody, faultPlanSchema } from './faults.schemas.js';
import { LabFaults } from '../node/lab-faults.js';

@ApiTags('lab')
@Public()
@Controller('v1/lab/faults')
export class FaultsController {
  constructor(private readonly faults: LabFaults) {}

  /** Replaces the faults this process suffers. `{}` ends them all. */
  @Put()
  @HttpCode(204)
  @ApiNoContentResponse()
  replace(@Body({ schema: faultPlanSchema }) plan: FaultPlanBody): void {
    this.faults.set(plan);
  }
}
