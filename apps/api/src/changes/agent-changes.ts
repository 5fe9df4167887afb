import { ChangeFeed, type ChangedMessage } from '@musubi/history';
import { type AgentPubKey, type Cursor, type HeldMessage } from '@musubi/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { MessageTracker, type TrackedMessage } from '../messages/message-tracker.js';
import { messageView } from '../messages/message.view.js';
import { type ServiceNode } from '../node/service-node.js';
import { NODE } from '../node/tokens.js';
import { parseStrategyName } from '../strategies/strategies.schemas.js';
import { type ChangeView } from './changes.schemas.js';

/** A change as the API shows it, and the place that it has among its agent's. */
export interface AgentChange {
  readonly view: ChangeView;
  readonly number: bigint;
  readonly cursor: Cursor;
}

export interface AgentChangePage {
  readonly changes: readonly AgentChange[];
  readonly unreadable?: number;
  readonly next: Cursor;
  readonly isLast: boolean;
}

/** What is new or changed for an agent, with what is pending for each message. */
@Injectable()
export class AgentChanges {
  private readonly feed: ChangeFeed;

  constructor(
    @Inject(NODE) { db, keyring }: ServiceNode,
    private readonly tracker: MessageTracker,
  ) {
    this.feed = new ChangeFeed(db, keyring);
  }

  /** The cursor after everything that is there. @throws AgentOfflineError */
  latest(agent: AgentPubKey): Promise<Cursor> {
    return this.feed.latest(agent);
  }

  /** The same, and whether everything that was there comes before it. @throws AgentOfflineError */
  latestPlace(agent: AgentPubKey): ReturnType<ChangeFeed['latestPlace']> {
    return this.feed.latestPlace(agent);
  }

  /** Whether nothing has changed since `latest` made the cursor. @throws AgentOfflineError */
  isLatest(agent: AgentPubKey, cursor: Cursor): Promise<boolean> {
    return this.feed.isLatest(agent, cursor);
  }

  /** What changed after the cursor; everything when it is `null`. @throws InvalidCursorError, AgentOfflineError */
  async after(agent: AgentPubKey, cursor: Cursor | null, limit: number): Promise<AgentChangePage> {
    const tracked = new Map<HeldMessage, TrackedMessage>();
    const beside = (messages: readonly ChangedMessage[]): Promise<void> =>
      this.track(agent, messages, tracked);
    const page = await this.feed.after(agent, cursor, { limit, beside });
    const changes = page.changes.map((change) => {
      const { number, cursor: place } = change;
      return { view: viewOf(change, tracked.get(change.held)), number, cursor: place };
    });
    return { ...page, changes };
  }

  /** Adds what is pending for the messages that are not deleted: one query for each placement. */
  private async track(
    agent: AgentPubKey,
    messages: readonly ChangedMessage[],
    tracked: Map<HeldMessage, TrackedMessage>,
  ): Promise<void> {
    for (const placement of new Set(messages.map((message) => message.placement))) {
      const there = messages.filter((message) => message.placement === placement && !message.isDeleted);
      const all = there.map(({ held }) => held);
      for (const one of await this.tracker.trackAll(parseStrategyName(placement), agent, all)) {
        tracked.set(one.held, one);
      }
    }
  }
}

function viewOf({ placement, held }: ChangedMessage, tracked: TrackedMessage | undefined): ChangeView {
  const strategy = parseStrategyName(placement);
  if (tracked === undefined) return { type: 'deleted', strategy, id: held.message.id };
  return { type: 'message', strategy, message: messageView(strategy, tracked) };
}
