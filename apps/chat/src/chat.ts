import {
  type Change,
  type Connection,
  type Message,
  type MusubiClient,
  type StrategyName,
  ProblemError,
} from '@musubi/client';
import { PLACEMENTS } from './arguments.js';
import { type Style, lineOf, markOf, notice, safe } from './lines.js';
import { Outgoing, type Target } from './outgoing.js';
import { PeerError, Peers } from './peers.js';
import { type Screen } from './screen.js';

interface ChatParts {
  readonly client: MusubiClient;
  /** Whom the chat is. */
  readonly agent: string;
  readonly placement: StrategyName;
  readonly screen: Screen;
  readonly style: Style;
  /** Ends everything that is under way. */
  readonly signal: AbortSignal;
  /** The user wants to leave. */
  readonly quit: () => void;
}

const HISTORY = 10;
const MOST_HISTORY = 200;
const HELP = [
  '/who [name]         who is there',
  '/to <name or key>   whom you write to',
  '/placement <name>   where the next messages live: source-chain, pairwise-dht, global-dht',
  '/history [number]   the last messages with this agent, on this placement',
  '/retry              tries again now what has not arrived',
  '/quit               leaves; you are offline then. Ctrl-C and Ctrl-D do the same',
  '✓ saved   ✓✓ delivered   ✓✓ in colour (or "read") read   … the service has not got it yet',
];

/** One person's conversations, line by line. */
export class Chat {
  private readonly peers: Peers;
  private readonly outgoing: Outgoing;
  private readonly seen = new Set<string>();
  private placement: StrategyName;
  private peer: Omit<Target, 'placement'> | undefined;
  private isAway = false;

  constructor(private readonly parts: ChatParts) {
    const { client, screen, style, placement } = parts;
    this.peers = new Peers(client);
    this.outgoing = new Outgoing(client, screen, style);
    this.placement = placement;
  }

  /** How many messages the service has not got. */
  get pending(): number {
    return this.outgoing.pending;
  }

  /** Resolves when the service has got everything. */
  idle(): Promise<void> {
    return this.outgoing.idle();
  }

  /** Follows what happens, until the signal. */
  async follow(): Promise<void> {
    const { client, signal } = this.parts;
    const onConnection = (connection: Connection): void => {
      this.connected(connection);
    };
    for await (const change of client.changes({ signal, onConnection })) await this.changed(change);
  }

  /** What the user typed. */
  async line(text: string): Promise<void> {
    try {
      if (text.startsWith('/')) await this.command(text);
      else if (text.trim() !== '') await this.say(text);
    } catch (error) {
      if (this.parts.signal.aborted) return;
      this.note(wordsOf(error));
    }
  }

  note(text: string): void {
    for (const line of text.split('\n')) this.parts.screen.print(notice(line, this.parts.style));
  }

  /** Whom the next messages go to. */
  async turnTo(name: string): Promise<void> {
    const agent = await this.peers.find(name);
    this.peer = { agent, nickname: await this.peers.nickname(agent) };
    this.note(`You write to ${safe(this.peer.nickname)} on ${this.placement}.`);
    await this.history(HISTORY);
  }

  private async command(text: string): Promise<void> {
    const [, name = '', rest = ''] = /^\/(\S*)\s*(.*)$/s.exec(text) ?? [];
    const commands: Readonly<Record<string, () => void | Promise<void>>> = {
      who: () => this.who(rest),
      to: () => this.turnTo(rest.trim()),
      placement: () => {
        this.place(rest.trim());
      },
      history: () => this.history(Number(rest.trim() || HISTORY)),
      retry: () => this.retry(),
      quit: this.parts.quit,
      help: () => {
        this.note(HELP.join('\n'));
      },
    };
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined) this.note(`There is no /${safe(name)}. /help lists the commands.`);
    else await command();
  }

  private async say(text: string): Promise<void> {
    if (this.peer === undefined)
      throw new PeerError('To whom? /to <name> says it, and /who lists who is there.');
    await this.outgoing.send(text, { ...this.peer, placement: this.placement }, this.parts.signal);
  }

  private async who(search: string): Promise<void> {
    const all = await this.peers.list(search.trim());
    const others = all.filter(({ agent }) => agent !== this.parts.agent);
    const lines = others.map(({ nickname, online }) => `${safe(nickname)}${online ? '' : ' (offline)'}`);
    this.note(lines.length === 0 ? 'Nobody else is here yet.' : lines.join('\n'));
  }

  private place(name: string): void {
    const placement = PLACEMENTS.find((known) => known === name);
    if (placement === undefined) throw new PeerError(`The placements are ${PLACEMENTS.join(', ')}.`);
    this.placement = placement;
    this.note(`The next messages live on ${placement}.`);
  }

  private async retry(): Promise<void> {
    const tried = await this.outgoing.retry(this.parts.signal);
    if (tried === 0) this.note('Everything that you wrote here has arrived.');
  }

  private async history(wanted: number): Promise<void> {
    if (this.peer === undefined) throw new PeerError('With whom? /to <name> says it.');
    const limit = Number.isInteger(wanted) ? Math.min(MOST_HISTORY, Math.max(1, wanted)) : HISTORY;
    const { client, signal, screen, style } = this.parts;
    const { agent, nickname } = this.peer;
    const { items, unverified } = await client.messages(this.placement, { with: agent, limit }, { signal });
    for (const message of items.toReversed()) {
      this.seen.add(message.id);
      if (message.author === agent) screen.print(lineOf(message, nickname));
      else screen.print(lineOf(message, `you → ${nickname}`, markOf(message.status, style)));
    }
    for (const { reason } of unverified) this.note(`A message is left out that is not proven: ${reason}.`);
    const unread = items.filter(({ author, status }) => author === agent && status !== 'read');
    await this.markRead(
      this.placement,
      unread.map(({ id }) => id),
    );
  }

  private async changed(change: Change): Promise<void> {
    if (change.type === 'unverified')
      this.note(`A message is left out that is not proven: ${change.reason}.`);
    if (change.type !== 'message') return;
    const { message } = change;
    if (message.author === this.parts.agent) this.outgoing.update(message);
    else await this.arrived(message);
  }

  private async arrived(message: Message): Promise<void> {
    const { id, author, strategy } = message;
    if (this.seen.has(id)) return;
    this.seen.add(id);
    const nickname = await this.peers.nickname(author);
    this.parts.screen.print(lineOf(message, nickname));
    if (author === this.peer?.agent) await this.markRead(strategy, [id]);
    else this.note(`Answer with /to ${safe(nickname)}`);
  }

  private async markRead(strategy: StrategyName, ids: readonly string[]): Promise<void> {
    const { client, signal } = this.parts;
    await client.markRead(strategy, ids, { signal }).catch((error: unknown) => {
      if (!(error instanceof ProblemError)) throw error;
      this.note(wordsOf(error));
    });
  }

  private connected({ state }: Connection): void {
    const isAway = state === 'away';
    if (isAway === this.isAway) return;
    this.isAway = isAway;
    if (isAway) this.note('The service is away. What you write waits here until it is back.');
    else this.note('The service is back.');
  }
}

export function wordsOf(error: unknown): string {
  if (error instanceof ProblemError) return error.problem.detail;
  return error instanceof Error ? error.message : String(error);
}
