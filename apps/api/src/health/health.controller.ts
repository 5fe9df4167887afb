import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { type DataSource } from 'typeorm';
import { z } from 'zod';
import { Public } from '../access/access.js';
import { DATABASE } from '../node/tokens.js';
import { ApiError } from '../problem/api-error.js';

const healthSchema = z.object({ status: z.literal('ok') });
type Health = z.infer<typeof healthSchema>;

@ApiTags('health')
@Public()
@Controller('health')
export class HealthController {
  constructor(@Inject(DATABASE) private readonly db: DataSource) {}

  /** The process answers. */
  @Get('live')
  @ApiOkResponse({ standardSchema: healthSchema })
  live(): Health {
    return { status: 'ok' };
  }

  /** The process can do its work: its database answers. */
  @Get('ready')
  @ApiOkResponse({ standardSchema: healthSchema })
  async ready(): Promise<Health> {
    try {
      await this.db.query('select 1');
    } catch {
      throw new ApiError('unavailable', 'The database does not answer.');
    }
    return { status: 'ok' };
  }
}
