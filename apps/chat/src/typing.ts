import { type MusubiClient, ProblemError, type StrategyName, type Typing } from '@musubi/client';

/** A peer shows it for twice as long. */
const REPEAT_MS = 3000;
const PATIENCE_MS = 3000;
const MS_PER_S = 1000;

/** Whom the chat writes to. */
export interface Writing {
  readonly agent: string;
  readonly placement: StrategyName;
}

/** Tells the peer that a line is being typed; what is lost is not missed. */
export class OwnTyping {
  isOn = true;
  private last: { readonly to: string; readonly at: number } | undefined;
  /** Those that carry no such word. */
  private readonly silent = new Set<StrategyName>();

  constructor(
    private readonly client: Pick<MusubiClient, 'tellTyping'>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** What stands in the line now. */
  typed(line: string, writing: Writing | undefined): void {
    if (!this.isOn || writing === undefined || this.silent.has(writing.placement)) return;
    if (line.trim() !== '' && !line.startsWith('/')) this.begin(writing);
    else this.end(writing);
  }

  /** The line has become a message, which says it itself. */
  sent(): void {
    this.last = undefined;
  }

  private begin(writing: Writing): void {
    const to = `${writing.placement} ${writing.agent}`;
    if (this.last?.to === to && this.now() - this.last.at < REPEAT_MS) return;
    this.last = { to, at: this.now() };
    this.tell(writing, true);
  }

  private end(writing: Writing): void {
    if (this.last === undefined) return;
    this.last = undefined;
    this.tell(writing, false);
  }

  private tell({ agent, placement }: Writing, typing: boolean): void {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    this.client.tellTyping(placement, { to: agent, typing }, { signal }).catch((error: unknown) => {
      if (error instanceof ProblemError && error.code === 'typing-not-carried') this.silent.add(placement);
    });
  }
}

/** Who is typing, until they stop, or say it no more. */
export class PeersTyping {
  private readonly ends = new Map<string, NodeJS.Timeout>();

  /** @param show gets the agents whenever they are others */
  constructor(private readonly show: (agents: readonly string[]) => void) {}

  hear({ from, typing, seconds }: Pick<Typing, 'from' | 'typing' | 'seconds'>): void {
    if (!typing) {
      this.stopped(from);
      return;
    }
    const isNew = !this.ends.has(from);
    clearTimeout(this.ends.get(from));
    const end = setTimeout(() => {
      this.stopped(from);
    }, seconds * MS_PER_S);
    this.ends.set(from, end.unref());
    if (isNew) this.show([...this.ends.keys()]);
  }

  /** It has, or its message has come. */
  stopped(agent: string): void {
    clearTimeout(this.ends.get(agent));
    if (this.ends.delete(agent)) this.show([...this.ends.keys()]);
  }
}
