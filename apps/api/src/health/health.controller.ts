import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Public } from '../access/access.js';
import { type ServiceNode } from '../node/service-node.js';
import { NODE } from '../node/tokens.js';
import { TryLaterError } from '../problem/api-error.js';
import { DatabaseProbe } from './database-probe.js';

const healthSchema = z.object({ status: z.literal('ok') });
type Health = z.infer<typeof healthSchema>;

const readinessSchema = healthSchema.extend({
  /** `away` costs signals and calls to other processes, not the readiness: messages are kept, and pending. */
  redis: z.enum(['unused', 'connected', 'away']),
});
type Readiness = z.infer<typeof readinessSchema>;

@ApiTags('health')
@Public()
@Controller('health')
export class HealthController {
  constructor(
    @Inject(NODE) private readonly node: ServiceNode,
    private readonly probe: DatabaseProbe,
  ) {}

  /** The process answers. */
  @Get('live')
  @ApiOkResponse({ standardSchema: healthSchema })
  live(): Health {
    return { status: 'ok' };
  }

  /** The process can do its work: its database takes writes. */
  @Get('ready')
  @ApiOkResponse({ standardSchema: readinessSchema })
  async ready(): Promise<Readiness> {
    if (!(await this.probe.ask())) {
      throw new TryLaterError('unavailable', 'The database does not answer, or refuses writes.', 1);
    }
    return { status: 'ok', redis: this.node.network.redisState() };
  }
}
