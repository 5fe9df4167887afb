import { type ServerResponse } from 'node:http';
import { isDatabaseUnavailable } from '@musubi/database';
import { AgentOfflineError } from '@musubi/messaging';
import {
  type BeforeApplicationShutdown,
  Controller,
  Headers,
  type MessageEvent,
  Query,
  Res,
  Sse,
} from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import { type FastifyReply } from 'fastify';
import {
  EMPTY,
  type Observable,
  ReplaySubject,
  catchError,
  concatMap,
  from,
  merge,
  takeUntil,
  takeWhile,
} from 'rxjs';
import { type Caller, CurrentCaller } from '../access/access.js';
import { Sessions } from '../sessions/sessions.js';
import { Refuses } from '../problem/refusals.js';
import { AgentEvents, type EventStream } from './agent-events.js';
import { drained } from './drained.js';
import { PacedReads } from './paced-reads.js';
import { type SignalsQuery, eventStreamSchema, signalsQuerySchema } from './signals.schemas.js';
import { StreamPlaces } from '../access/stream-places.js';

@ApiTags('signals')
@ApiBearerAuth()
@Controller('v1/signals')
export class SignalsController implements BeforeApplicationShutdown {
  private readonly closing = new ReplaySubject<void>(1);

  constructor(
    private readonly events: AgentEvents,
    private readonly places: StreamPlaces,
    private readonly sessions: Sessions,
    private readonly reads: PacedReads,
  ) {}

  /** A stream has no end of its own that the service could wait for. */
  beforeApplicationShutdown(): void {
    this.closing.next();
  }

  /**
   * Server-Sent Events: the changes of this agent (`GET /v1/changes`), each with its cursor as `id`. `message`: new, or
   * changed on its way. `receipt`: delivered or read. `delivery-failed`. `deleted`. Each comes at least once after
   * `Last-Event-ID` or `since`, without both from now on; a `heartbeat` has the cursor too. `typing` is no change: it comes
   * once, or not at all.
   * The stream ends with its session, which it keeps in use; when the database goes away or the service closes; and when
   * its client reads nothing for 30 s although something waits.
   */
  @Sse()
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ standardSchema: eventStreamSchema })
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'What came after this event is sent first.',
  })
  @Refuses('invalid-cursor')
  async signals(
    @CurrentCaller() caller: Caller,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Query({ schema: signalsQuerySchema }) { since: asked }: SignalsQuery,
    @Res({ passthrough: true }) { raw: response }: FastifyReply,
  ): Promise<Observable<MessageEvent>> {
    const { agent, token, session } = caller;
    this.places.take(agent, response);
    const since = await this.events.beginning(agent, lastEventId === '' ? asked : (lastEventId ?? asked));
    const ended = endOf(response);
    const stream: EventStream = {
      ...{ agent, since, ended },
      drained: () => drained(response, ended),
      paid: () => this.reads.paid(caller, ended),
      inTurn: (read) => this.reads.inTurn(caller, read),
    };
    return from(this.events.of(stream)).pipe(
      concatMap(async (event) => ((await this.sessions.identify(token)) === null ? null : event)),
      takeWhile((event) => event !== null),
      takeUntil(merge(this.closing, this.sessions.endingOf(session))),
      catchError((error: unknown) => {
        if (isDatabaseUnavailable(error) || error instanceof AgentOfflineError) return EMPTY;
        throw error;
      }),
    );
  }
}

function endOf(response: ServerResponse): AbortSignal {
  const ending = new AbortController();
  if (response.closed) ending.abort();
  response.once('close', () => {
    ending.abort();
  });
  return ending.signal;
}
