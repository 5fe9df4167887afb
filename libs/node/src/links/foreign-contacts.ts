import { AgentOfflineError, type AgentPubKey, type Clock, type StrategyName, dayOf } from '@musubi/messaging';
import { type RemoteCall, type RemoteCallOutcome } from '@musubi/network';
import { type NodeKey } from '@musubi/network/nodes';
import { JOIN_CLONE } from '@musubi/pairwise-dht';
import { REMOTE_FUNCTIONS } from '@musubi/source-chain';
import { DayCounts } from './day-counts.js';

/** What a stranger calls first: it makes the callee keep a conversation. */
const OPENING: ReadonlyMap<string, StrategyName> = new Map([
  [REMOTE_FUNCTIONS.receiveMessage, 'source-chain'],
  [REMOTE_FUNCTIONS.offerFile, 'source-chain'],
  [JOIN_CLONE, 'pairwise-dht'],
]);

/** Pairs that have conversed: each is looked up once. */
const REMEMBERED = 50_000;
/** Of the first contacts that one node may begin with an agent, what all nodes together may. */
const ALL_NODES = 4;

const REFUSED: RemoteCallOutcome = { kind: 'refused', code: 'too-many-contacts', retryable: true };
/** It could not be looked up, so that nothing can be counted. */
const UNSURE: RemoteCallOutcome = { kind: 'refused', code: 'busy', retryable: true };

export interface ForeignContactsOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly limits: ForeignContactLimits;
  /** Whether the holder has messages with the peer there. @throws AgentOfflineError */
  readonly hasConversation: (
    strategy: StrategyName,
    pair: { readonly holder: AgentPubKey; readonly peer: AgentPubKey },
  ) => Promise<boolean>;
}

/** First contacts in a day. */
export interface ForeignContactLimits {
  /** Of one node with one agent here, and of one agent elsewhere with all agents here. */
  readonly perAgent: number;
  /** Of one node with all agents here. */
  readonly perNode: number;
}

/**
 * How many conversations the agents of other nodes may begin in a day. Keys of agents and of nodes cost nothing, and a first
 * contact makes its recipient keep something for ever. What is refused may be retried: the sender's patience does so.
 */
export class ForeignContacts {
  private readonly byCaller: DayCounts;
  private readonly byNode: DayCounts;
  private readonly byNodeAndCallee: DayCounts;
  private readonly byCallee: DayCounts;
  private readonly conversing = new Set<string>();
  private readonly opening = new Map<string, Promise<unknown>>();

  constructor(private readonly options: ForeignContactsOptions) {
    const { perAgent, perNode } = options.limits;
    this.byCaller = new DayCounts(perAgent);
    this.byNode = new DayCounts(perNode);
    this.byNodeAndCallee = new DayCounts(perAgent);
    this.byCallee = new DayCounts(ALL_NODES * perAgent);
  }

  /** Answers a call of another node's agent, unless it is a first contact too many. What is not kept does not count. */
  async admit(
    call: RemoteCall,
    node: NodeKey,
    answer: () => Promise<RemoteCallOutcome>,
  ): Promise<RemoteCallOutcome> {
    const strategy = OPENING.get(call.fn);
    if (strategy === undefined) return answer();
    const pair = `${strategy} ${call.from} ${call.to}`;
    // Calls of one pair that come at once are one first contact.
    while (!this.conversing.has(pair) && this.opening.has(pair)) await this.opening.get(pair);
    if (this.conversing.has(pair)) return answer();
    const opened = this.open(strategy, { call, node, pair, answer });
    this.opening.set(pair, opened);
    try {
      return await opened;
    } finally {
      this.opening.delete(pair);
    }
  }

  private async open(
    strategy: StrategyName,
    { answer, call, node, pair }: FirstCall,
  ): Promise<RemoteCallOutcome> {
    const isKnown = await this.isKnown(strategy, call);
    if (isKnown === 'locked') return answer();
    if (isKnown === 'unsure') return UNSURE;
    const giveBack = isKnown ? () => undefined : this.spend(call, node);
    if (giveBack === null) return REFUSED;
    if (isKnown) this.remember(pair);
    const outcome = await answer();
    if (outcome.kind === 'ok') this.remember(pair);
    else if (outcome.kind !== 'unknown') giveBack();
    return outcome;
  }

  private async isKnown(strategy: StrategyName, { from, to }: RemoteCall): Promise<Known> {
    try {
      return await this.options.hasConversation(strategy, { holder: to, peer: from });
    } catch (error) {
      return error instanceof AgentOfflineError ? 'locked' : 'unsure';
    }
  }

  /** @returns what undoes it; null when one of the bounds is reached, and nothing was counted */
  private spend({ from, to }: RemoteCall, node: NodeKey): (() => void) | null {
    const today = dayOf(this.options.clock.now());
    const bounds = [
      [this.byCaller, from],
      [this.byNode, node],
      [this.byNodeAndCallee, `${node} ${to}`],
      [this.byCallee, to],
    ] as const;
    if (!bounds.every(([counts, name]) => counts.hasRoom(name, today))) return null;
    const taken = bounds.map(([counts, name]) => counts.take(name));
    return () => {
      for (const giveBack of taken) giveBack();
    };
  }

  private remember(pair: string): void {
    if (this.conversing.size >= REMEMBERED) this.conversing.clear();
    this.conversing.add(pair);
  }
}

/** Whether they have conversed. Nobody knows that while the agent is locked: the call finds out. */
type Known = boolean | 'locked' | 'unsure';

interface FirstCall {
  readonly call: RemoteCall;
  readonly node: NodeKey;
  readonly pair: string;
  readonly answer: () => Promise<RemoteCallOutcome>;
}
