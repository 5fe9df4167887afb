import { type ServerResponse } from 'node:http';
import { type AgentPubKey } from '@musubi/messaging';
import { type BeforeApplicationShutdown, Controller, Get, Inject, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyReply } from 'fastify';
import { ReplaySubject, fromEvent, merge } from 'rxjs';
import { type Caller, CurrentCaller } from '../access/access.js';
import { WorkPlaces } from '../access/work-places.js';
import { type ServiceNode } from '../node/service-node.js';
import { NODE } from '../node/tokens.js';
import { ApiError } from '../problem/api-error.js';
import { Sessions } from '../sessions/sessions.js';
import { StreamPlaces } from '../access/stream-places.js';
import { Refuses } from '../problem/refusals.js';
import { type AgentChangePage, AgentChanges } from './agent-changes.js';
import {
  type ChangePageView,
  type ChangesQuery,
  LATEST,
  changePageSchema,
  changesQuerySchema,
} from './changes.schemas.js';

const MS_PER_S = 1000;

@ApiTags('changes')
@ApiBearerAuth()
@Controller('v1/changes')
export class ChangesController implements BeforeApplicationShutdown {
  private readonly closing = new ReplaySubject<void>(1);

  constructor(
    @Inject(NODE) private readonly node: ServiceNode,
    private readonly changes: AgentChanges,
    private readonly places: StreamPlaces,
    private readonly sessions: Sessions,
    private readonly work: WorkPlaces,
  ) {}

  /** Those who wait are answered at once. */
  beforeApplicationShutdown(): void {
    this.closing.next();
  }

  /**
   * What is new or changed for this agent since a cursor, on all placements, in the order in which it arrived: also what
   * came late with an old time, and what another device of the agent sent, read or deleted.
   */
  @Get()
  @ApiOkResponse({ standardSchema: changePageSchema })
  @Refuses('invalid-cursor')
  async list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: changesQuerySchema }) { since, limit, wait }: ChangesQuery,
    @Res({ passthrough: true }) { raw: response }: FastifyReply,
  ): Promise<ChangePageView> {
    const { agent } = caller;
    const cursor = since === LATEST ? await this.changes.latest(agent) : (since ?? null);
    const read = (): Promise<AgentChangePage> =>
      this.work.inTurn(caller, () => this.changes.after(agent, cursor, limit));
    if (wait === 0) return pageView(await read());
    // It takes as much as a stream, for as long as it lasts.
    this.places.take(agent, response);
    const waiting = this.waitingOf(caller, response);
    const until = performance.now() + wait * MS_PER_S;
    const page = await this.awaitChange(agent, read, { until, signal: waiting.signal }).finally(waiting.end);
    if ((await this.sessions.identify(caller.token)) !== null) return pageView(page);
    throw new ApiError('unauthenticated', 'The session ended while it waited for a change.');
  }

  /** Aborted when there is nobody to wait for a change any more: the client, its session or the service has gone. */
  private waitingOf({ session }: Caller, response: ServerResponse): { signal: AbortSignal; end: () => void } {
    const gone = new AbortController();
    const ended = merge(
      this.closing,
      this.sessions.endingOf(session),
      fromEvent(response, 'close'),
    ).subscribe(() => {
      gone.abort();
    });
    if (response.closed) gone.abort();
    return {
      signal: gone.signal,
      end: () => {
        ended.unsubscribe();
      },
    };
  }

  /**
   * Reads again whenever the agent is told of something, until there is something to read.
   * @param until by the clock that nobody sets, in milliseconds
   */
  private async awaitChange(
    agent: AgentPubKey,
    read: () => Promise<AgentChangePage>,
    { until, signal }: { readonly until: number; readonly signal: AbortSignal },
  ): Promise<AgentChangePage> {
    let word = new AbortController();
    const wake = (): void => {
      word.abort();
    };
    const unsubscribe = this.node.signals.subscribe(agent, wake);
    signal.addEventListener('abort', wake, { once: true });
    try {
      for (;;) {
        word = new AbortController();
        const page = await read();
        const leftMs = until - performance.now();
        if (page.changes.length > 0 || !page.isLast || leftMs <= 0 || signal.aborted) return page;
        await this.node.clock.sleep(leftMs, word.signal);
      }
    } finally {
      unsubscribe();
    }
  }
}

function pageView({ changes, unreadable, next }: AgentChangePage): ChangePageView {
  const items = changes.map(({ view }) => view);
  return { items, next, prev: null, ...(unreadable === undefined ? {} : { unreadable }) };
}
