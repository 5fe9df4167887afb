import { type ComparisonOrder, comparisonOrderSchema } from '@musubi/lab/service';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiParam,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import { type FastifyReply } from 'fastify';
import { Public } from '../access/access.js';
import { ApiError } from '../problem/api-error.js';
import { Refuses } from '../problem/refusals.js';
import { ComparisonStore } from './comparison.store.js';
import { Comparisons } from './comparisons.js';
import {
  type ComparisonPage,
  type ComparisonPageQuery,
  type ComparisonView,
  comparisonPageSchema,
  comparisonQuerySchema,
  comparisonSchema,
} from './comparisons.schemas.js';

/** The page has neither scripts nor anything that it fetches. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

@ApiTags('lab')
@Public()
@Controller('v1/lab/comparisons')
export class ComparisonsController {
  constructor(
    private readonly comparisons: Comparisons,
    private readonly store: ComparisonStore,
  ) {}

  /** Begins a comparison, unless one is running. Its address is in `Location`. */
  @Post()
  @HttpCode(202)
  @ApiAcceptedResponse({ standardSchema: comparisonSchema })
  @Refuses('comparison-running')
  async start(
    @Body({ schema: comparisonOrderSchema }) order: ComparisonOrder,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ComparisonView> {
    const begun = await this.comparisons.start(order);
    void reply.header('location', `/v1/lab/comparisons/${begun.id}`);
    return { ...begun, report: null };
  }

  /** All that were asked for, the latest first, without their reports. */
  @Get()
  @ApiOkResponse({ standardSchema: comparisonPageSchema })
  @Refuses('invalid-cursor')
  list(@Query({ schema: comparisonQuerySchema }) query: ComparisonPageQuery): Promise<ComparisonPage> {
    return this.comparisons.list(query);
  }

  /** How far it is; in the end, its report. */
  @Get(':comparison')
  @ApiParam({ name: 'comparison' })
  @ApiOkResponse({ standardSchema: comparisonSchema })
  @Refuses('not-found')
  async find(@Param('comparison') id: string): Promise<ComparisonView> {
    const item = await this.comparisons.find(id);
    const text = item.status === 'running' ? null : await this.store.read(id, 'report.json');
    return { ...item, report: text === null ? null : comparisonSchema.shape.report.parse(JSON.parse(text)) };
  }

  /** The report as a page that needs nothing else. */
  @Get(':comparison/report.html')
  @ApiParam({ name: 'comparison' })
  @ApiProduces('text/html')
  @ApiOkResponse({ schema: { type: 'string' } })
  @Refuses('not-found', 'comparison-running')
  async page(
    @Param('comparison') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { status } = await this.comparisons.find(id);
    if (status === 'running')
      throw new ApiError('comparison-running', 'The comparison is running: it has no report yet.');
    const page = await this.store.read(id, 'report.html');
    if (page === null) throw new ApiError('not-found', 'The comparison ended without a report.');
    void reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', PAGE_POLICY);
    return page;
  }

  /** Ends it, if it is running; what was measured until then stays. Repeats harmlessly. */
  @Delete(':comparison')
  @HttpCode(204)
  @ApiParam({ name: 'comparison' })
  @ApiNoContentResponse()
  @Refuses('not-found')
  cancel(@Param('comparison') id: string): Promise<void> {
    return this.comparisons.cancel(id);
  }
}
