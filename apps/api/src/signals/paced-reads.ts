import { type Clock } from '@musubi/messaging';
import { Inject, Injectable, type MessageEvent } from '@nestjs/common';
import { BYTES_A_POINT, type Payer, WorkBudget } from '../access/work-budget.js';
import { WorkPlaces } from '../access/work-places.js';
import { NODE } from '../node/tokens.js';
import { TryLaterError } from '../problem/api-error.js';
import { type EventPage } from './agent-events.js';

const MS_PER_S = 1000;

/** What streams read: a stream that has no points left, or no place, is not refused but goes on later. */
@Injectable()
export class PacedReads {
  private readonly clock: Pick<Clock, 'sleep'>;

  constructor(
    @Inject(NODE) { clock }: { readonly clock: Pick<Clock, 'sleep'> },
    private readonly work: WorkBudget,
    private readonly places: WorkPlaces,
  ) {
    this.clock = clock;
  }

  /** Resolves when the agent and its network have points left, or the stream has ended. */
  async paid(payer: Payer, ended: AbortSignal): Promise<void> {
    await this.patiently(async () => {
      if (!ended.aborted) await this.work.begin(payer);
    }, ended);
  }

  /** Reads and charges a page. Several streams may wait for it, so that it does not end with one of them. */
  async inTurn(payer: Payer, read: () => Promise<EventPage>): Promise<EventPage> {
    const page = await this.patiently(() => this.places.inTurn(payer, read));
    const bytes = page.events.reduce((sum, { data }) => sum + bytesOf(data), 0);
    await this.work.charge(payer, Math.floor(bytes / BYTES_A_POINT));
    return page;
  }

  private async patiently<Value>(work: () => Promise<Value>, ended?: AbortSignal): Promise<Value> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof TryLaterError)) throw error;
        await this.clock.sleep(error.retryAfter * MS_PER_S, ended);
      }
    }
  }
}

/** Events of messages have JSON, which is text by then. */
function bytesOf(data: MessageEvent['data']): number {
  return typeof data === 'string' ? Buffer.byteLength(data) : 0;
}
