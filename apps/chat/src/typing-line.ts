import { type MusubiClient, type Typing } from '@musubi/client';
import { safe } from './lines.js';
import { PeerError, type Peers } from './peers.js';
import { type Screen } from './screen.js';
import { OwnTyping, PeersTyping, type Writing } from './typing.js';

interface TypingLineParts {
  readonly client: MusubiClient;
  readonly peers: Pick<Peers, 'nickname'>;
  readonly screen: Pick<Screen, 'status'>;
  readonly signal: AbortSignal;
}

/** Who is typing, before the line that is being typed. */
export class TypingLine {
  readonly own: OwnTyping;
  private readonly theirs = new PeersTyping((agents) => void this.show(agents).catch(() => undefined));
  private shown: readonly string[] = [];

  constructor(private readonly parts: TypingLineParts) {
    this.own = new OwnTyping(parts.client);
  }

  /** A peer says it. */
  readonly hear = (typing: Typing): void => {
    this.theirs.hear(typing);
  };

  /** Its message has come. */
  arrived(agent: string): void {
    this.theirs.stopped(agent);
  }

  typed(line: string, writing: Writing | undefined): void {
    this.own.typed(line, writing);
  }

  /** `on` or `off`. @returns what is so now @throws PeerError */
  turn(word: string): string {
    if (word !== 'on' && word !== 'off') throw new PeerError('/typing on, or /typing off?');
    this.own.isOn = word === 'on';
    return word === 'on' ? 'Others see that you are typing.' : 'Nobody sees that you are typing.';
  }

  private async show(agents: readonly string[]): Promise<void> {
    const { peers, screen, signal } = this.parts;
    this.shown = agents;
    const names: string[] = [];
    for (const agent of agents) names.push(safe(await peers.nickname(agent)));
    // Others may have begun while the nicknames were looked up.
    if (signal.aborted || this.shown !== agents) return;
    screen.status(names.length === 0 ? '' : `${names.join(', ')} typing …`);
  }
}
