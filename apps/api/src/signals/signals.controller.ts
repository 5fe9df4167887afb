import { type NodeContext } from '@musubi/cell';
import { isDatabaseAway } from '@musubi/database';
import {
  type AgentPubKey,
  MessagingError,
  type Strategies,
  type StrategyName,
  messageIdSchema,
} from '@musubi/messaging';
import { type Signal } from '@musubi/network';
import { type BeforeApplicationShutdown, Controller, Inject, type MessageEvent, Sse } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import {
  EMPTY,
  Observable,
  ReplaySubject,
  catchError,
  concatMap,
  from,
  interval,
  map,
  merge,
  mergeMap,
  takeUntil,
  takeWhile,
} from 'rxjs';
import { CurrentAgent, CurrentToken } from '../access/access.js';
import { TokenStore } from '../access/token.store.js';
import { ActOfSending } from '../messages/act-of-sending.js';
import { messageView } from '../messages/message.view.js';
import { NODE, STRATEGIES } from '../node/tokens.js';
import { parseStrategyName } from '../strategies/strategies.schemas.js';

/** Below what proxies usually cut silent connections at. */
const HEARTBEAT_MS = 15_000;

@ApiTags('signals')
@ApiBearerAuth()
@Controller('v1/signals')
export class SignalsController implements BeforeApplicationShutdown {
  private readonly closing = new ReplaySubject<void>(1);

  constructor(
    @Inject(NODE) private readonly node: NodeContext,
    @Inject(STRATEGIES) private readonly strategies: Strategies,
    @Inject(ActOfSending) private readonly sending: ActOfSending,
    @Inject(TokenStore) private readonly tokens: TokenStore,
  ) {}

  /** A stream has no end of its own that the service could wait for. */
  beforeApplicationShutdown(): void {
    this.closing.next();
  }

  /**
   * Server-Sent Events `message`, `receipt` and `delivery-failed`, after the commit. Lossy: after a gap, read again.
   * The stream ends with the session, since nothing is sent once its token is given up; and when the database goes
   * away or the service closes.
   */
  @Sse()
  signals(@CurrentAgent() agent: AgentPubKey, @CurrentToken() token: string): Observable<MessageEvent> {
    const heartbeat = interval(HEARTBEAT_MS).pipe(map((): MessageEvent => ({ data: '', type: 'heartbeat' })));
    const events = this.signalsOf(agent).pipe(
      concatMap((signal) => from(this.eventsFor(agent, signal))),
      mergeMap((list) => list),
    );
    return merge(heartbeat, events).pipe(
      concatMap(async (event) => ((await this.tokens.agentOf(token)) === null ? null : event)),
      takeWhile((event) => event !== null),
      takeUntil(this.closing),
      catchError((error: unknown) => {
        if (isDatabaseAway(error)) return EMPTY;
        throw error;
      }),
    );
  }

  private signalsOf(agent: AgentPubKey): Observable<Signal> {
    return new Observable((subscriber) =>
      this.node.signals.subscribe(agent, (signal) => {
        subscriber.next(signal);
      }),
    );
  }

  /** The message as it is now: a signal only names it. None when it cannot be read any more. */
  private async eventsFor(agent: AgentPubKey, signal: Signal): Promise<readonly MessageEvent[]> {
    const message = messageIdSchema.safeParse(signal['message']);
    if (!message.success) return [];
    const strategy: StrategyName = parseStrategyName(signal['strategy'] ?? '');
    try {
      const ref = { holder: agent, message: message.data };
      const tracked = await this.sending.find(this.strategies[strategy], ref);
      return [{ type: signal['type'] ?? 'message', data: messageView(strategy, tracked) }];
    } catch (error) {
      if (error instanceof MessagingError) return [];
      throw error;
    }
  }
}
