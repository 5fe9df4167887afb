import { type AgentPubKey, type Clock, type StrategyName } from '@musubi/messaging';
import { type Signals } from '@musubi/network';
import { typingOfSignal, typingTopic } from '@musubi/node';

/** For how long a word is shown, in seconds. */
export const SHOWN_S = 6;
const US_PER_S = 1_000_000;
/** Peers whose words wait for one stream. */
const MOST_WAITING = 32;

/** As a stream shows it. */
export interface TypingView {
  readonly strategy: StrategyName;
  readonly from: string;
  readonly typing: boolean;
  readonly seconds: number;
}

/** What one stream has not told yet of who is typing: the last word of each peer, while it is fresh. */
export class TypingWords {
  private readonly waiting = new Map<string, { readonly view: TypingView; readonly heardAt: number }>();
  private readonly unsubscribe: () => void;
  private tell = (): void => undefined;

  constructor(
    private readonly node: { readonly signals: Signals; readonly clock: Pick<Clock, 'now'> },
    agent: AgentPubKey,
  ) {
    this.unsubscribe = node.signals.subscribe(typingTopic(agent), (signal) => {
      const word = typingOfSignal(signal);
      if (word !== null) this.hear({ ...word, seconds: SHOWN_S });
    });
  }

  /** Resolves when a word waits, unless it is asked for again: what waits for an older promise can be forgotten. */
  next(): Promise<true> {
    if (this.waiting.size > 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      this.tell = () => {
        resolve(true);
      };
    });
  }

  /** They wait no more. What has waited for longer than it is shown is told to nobody. */
  take(): readonly TypingView[] {
    const since = this.node.clock.now() - SHOWN_S * US_PER_S;
    const words = [...this.waiting.values()];
    this.waiting.clear();
    return words.filter(({ heardAt }) => heardAt > since).map(({ view }) => view);
  }

  close(): void {
    this.unsubscribe();
  }

  private hear({ strategy, from, isTyping, seconds }: Heard): void {
    const name = `${strategy} ${from}`;
    if (this.waiting.size >= MOST_WAITING && !this.waiting.has(name)) return;
    const view = { strategy, from, typing: isTyping, seconds };
    this.waiting.set(name, { view, heardAt: this.node.clock.now() });
    this.tell();
  }
}

type Heard = NonNullable<ReturnType<typeof typingOfSignal>> & Pick<TypingView, 'seconds'>;
