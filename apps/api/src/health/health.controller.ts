import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Public } from '../access/access.js';
import { type ServiceNode } from '../node/node-context.js';
import { NODE } from '../node/tokens.js';
import { ApiError } from '../problem/api-error.js';

const healthSchema = z.object({ status: z.literal('ok') });
type Health = z.infer<typeof healthSchema>;

const readinessSchema = healthSchema.extend({
  /** `away` costs signals and calls to other processes, not the readiness: messages are kept, and owed. */
  redis: z.enum(['unused', 'connected', 'away']),
});
type Readiness = z.infer<typeof readinessSchema>;

@ApiTags('health')
@Public()
@Controller('health')
export class HealthController {
  constructor(@Inject(NODE) private readonly node: ServiceNode) {}

  /** The process answers. */
  @Get('live')
  @ApiOkResponse({ standardSchema: healthSchema })
  live(): Health {
    return { status: 'ok' };
  }

  /** The process can do its work: its database answers. */
  @Get('ready')
  @ApiOkResponse({ standardSchema: readinessSchema })
  async ready(): Promise<Readiness> {
    try {
      await this.node.db.query('select 1');
    } catch {
      throw new ApiError('unavailable', 'The database does not answer.');
    }
    return { status: 'ok', redis: this.node.network.redisState() };
  }
}
