import { type NodeContext } from '@musubi/cell';
import {
  type AgentPubKey,
  type Clock,
  InvalidMessageError,
  type Strategies,
  type StrategyName,
  type Timestamp,
  isStrategyName,
} from '@musubi/messaging';
import { type RemoteCall, type Signal, type StopServing, serveReporting } from '@musubi/network';

/** An agent has begun to write to another one, or has stopped. */
export interface TypingWord {
  readonly strategy: StrategyName;
  readonly from: AgentPubKey;
  readonly to: AgentPubKey;
  readonly isTyping: boolean;
}

/**
 * Where agents call each other: a word shows a wiretap no more than the message that follows. On `global-dht` an author
 * never calls its recipient, and publishing a word would make a record of it.
 */
const FUNCTIONS: Readonly<Partial<Record<StrategyName, string>>> = {
  'source-chain': 'source-chain/typing',
  'pairwise-dht': 'pairwise-dht/typing',
};

const US_PER_S = 1_000_000;
/** A second: of one pair, and of all words that one agent says or hears. */
const PAIR_WORDS = 4;
const AGENT_WORDS = 40;
/** Words that are on their way at once, of one agent and of all; each takes as long as its call. */
const AGENT_UNDERWAY = 16;
const MOST_UNDERWAY = 1024;
/** Names that are counted, and conversations that were looked up. */
const REMEMBERED = 10_000;

type TypingNode = Pick<NodeContext, 'calls' | 'keyring' | 'log' | 'signals' | 'writers'> & {
  readonly clock: Pick<Clock, 'now'>;
};

/** Carries words that are lost without harm: they are never stored, never repeated, and dropped where there are too many. */
export class Typing {
  private readonly serving: StopServing[] = [];
  private readonly underway = new Map<Promise<unknown>, AgentPubKey>();
  private readonly said: Counts;
  private readonly heard: Counts;
  private readonly conversing = new Set<string>();

  constructor(
    private readonly node: TypingNode,
    private readonly strategies: Partial<Strategies>,
  ) {
    this.said = new Counts(() => node.clock.now());
    this.heard = new Counts(() => node.clock.now());
  }

  /** Whether words are carried there at all. */
  isCarried(strategy: StrategyName): boolean {
    return FUNCTIONS[strategy] !== undefined && this.strategies[strategy] !== undefined;
  }

  start(): void {
    for (const [strategy, fn] of Object.entries(FUNCTIONS)) {
      if (!isStrategyName(strategy) || !this.isCarried(strategy)) continue;
      this.serving.push(serveReporting(this.node, fn, (call) => this.hear(strategy, call)));
    }
  }

  /** Hears no more, and waits for the words on their way. */
  async stop(): Promise<void> {
    for (const stop of this.serving.splice(0)) stop();
    await this.whenIdle();
  }

  /** Resolves when no word is on its way. */
  async whenIdle(): Promise<void> {
    await Promise.all(this.underway.keys());
  }

  /** Says it, or drops it. Whether it arrives is nobody's to know. */
  tell({ strategy, from, to, isTyping }: TypingWord): void {
    const fn = FUNCTIONS[strategy];
    if (fn === undefined || from === to || !this.hasRoom(from)) return;
    if (!this.said.take(from, AGENT_WORDS) || !this.said.take(`${from} ${to}`, PAIR_WORDS)) return;
    const call = this.node.calls
      .call({ from, to, fn, payload: encodeWord(isTyping) })
      .catch((error: unknown) => {
        const name = error instanceof Error ? error.name : typeof error;
        this.node.log.warn('typing-call-failed', { error: name });
      })
      .finally(() => this.underway.delete(call));
    this.underway.set(call, from);
  }

  /** Peers that do not answer silence one agent, and no other one. */
  private hasRoom(from: AgentPubKey): boolean {
    if (this.underway.size >= MOST_UNDERWAY) return false;
    let count = 0;
    for (const agent of this.underway.values()) if (agent === from) count += 1;
    return count < AGENT_UNDERWAY;
  }

  /** The same answer for everybody: a caller does not learn whether its word is shown. */
  private async hear(strategy: StrategyName, call: RemoteCall): Promise<Uint8Array> {
    const isTyping = decodeWord(call.payload);
    const { from, to } = call;
    if (await this.isWanted(strategy, call))
      this.node.signals.emit(typingTopic(to), { strategy, from, isTyping: String(isTyping) });
    return new Uint8Array();
  }

  private async isWanted(strategy: StrategyName, { from, to }: RemoteCall): Promise<boolean> {
    const keys = this.node.keyring.keysOf(to);
    if (!this.heard.take(`${from} ${to}`, PAIR_WORDS) || !this.heard.take(to, AGENT_WORDS)) return false;
    return (await this.node.writers.mayWrite(keys, from)) && this.haveConversed(strategy, { from, to });
  }

  /** A stranger's word is not shown: a first contact is a message, and counts as one. */
  private async haveConversed(
    strategy: StrategyName,
    { from, to }: Pick<RemoteCall, 'from' | 'to'>,
  ): Promise<boolean> {
    const pair = `${strategy} ${from} ${to}`;
    if (this.conversing.has(pair)) return true;
    const query = { with: from, anchor: { at: 'latest' }, limit: 1 } as const;
    const page = await this.strategies[strategy]?.messages.list(to, query);
    if (page === undefined || page.items.length === 0) return false;
    if (this.conversing.size >= REMEMBERED) this.conversing.clear();
    this.conversing.add(pair);
    return true;
  }
}

/** What streams of an agent listen to, apart from its changes: a word is nothing to read again for. */
export function typingTopic(agent: AgentPubKey): string {
  return `typing ${agent}`;
}

/** @returns `null` for a signal that is no such word */
export function typingOfSignal(
  signal: Signal,
): (Pick<TypingWord, 'strategy' | 'isTyping'> & { readonly from: string }) | null {
  const { strategy = '', from = '', isTyping } = signal;
  return isStrategyName(strategy) && isTyping !== undefined
    ? { strategy, from, isTyping: isTyping === 'true' }
    : null;
}

function encodeWord(isTyping: boolean): Uint8Array {
  return Uint8Array.of(isTyping ? 1 : 0);
}

/** @throws InvalidMessageError */
function decodeWord(payload: Uint8Array): boolean {
  const [word] = payload;
  if (payload.length !== 1 || (word !== 0 && word !== 1))
    throw new InvalidMessageError('not a word of typing');
  return word === 1;
}

/** Counts by name, within a second. */
class Counts {
  private second = -1;
  private counts = new Map<string, number>();

  constructor(private readonly now: () => Timestamp) {}

  /** @returns false where the name has had all of this second, or there are too many names */
  take(name: string, most: number): boolean {
    const second = Math.floor(this.now() / US_PER_S);
    if (second !== this.second) this.counts = new Map();
    this.second = second;
    const count = this.counts.get(name) ?? 0;
    if (count >= most || (count === 0 && this.counts.size >= REMEMBERED)) return false;
    this.counts.set(name, count + 1);
    return true;
  }
}
