import {
  type Change,
  type Changes,
  type Connection,
  type Message,
  type MusubiClient,
  type StrategyName,
  ProblemError,
} from '@musubi/client';
import { PLACEMENTS } from './arguments.js';
import { HELP } from './help.js';
import { type Style, lineOf, notice, safe } from './lines.js';
import { Outgoing, type Target } from './outgoing.js';
import { pathFrom, readLocal } from './local-files.js';
import { PeerError, Peers } from './peers.js';
import { MOST_MESSAGES, Reading, isUnreadFrom } from './reading.js';
import { ReceivedFiles } from './received-files.js';
import { Pins } from './pins.js';
import { type Screen } from './screen.js';
import { TypingLine } from './typing-line.js';
import { wordsOf } from './words.js';

interface ChatParts {
  readonly client: MusubiClient;
  /** Whom the chat is. */
  readonly agent: string;
  readonly placement: StrategyName;
  readonly screen: Screen;
  readonly style: Style;
  /** Ends everything that is under way. */
  readonly signal: AbortSignal;
  /** Where the paths of files begin. */
  readonly folder: string;
  /** The user wants to leave. */
  readonly quit: () => void;
}

const HISTORY = 10;

/** One person's conversations, line by line. */
export class Chat {
  private readonly peers: Peers;
  private readonly changes: Changes;
  private readonly outgoing: Outgoing;
  private readonly seen = new Set<string>();
  private readonly typing: TypingLine;
  private readonly reading: Reading;
  private readonly files: ReceivedFiles;
  private readonly pins: Pins;
  private placement: StrategyName;
  private peer: Omit<Target, 'placement'> | undefined;
  private isAway = false;
  /** What is typed after a file is sent after it. */
  private reads: Promise<unknown> = Promise.resolve();
  /** Those that wait for it. */
  private held = 0;
  private readonly work = new Set<Promise<void>>();

  constructor(private readonly parts: ChatParts) {
    const { client, screen, signal, style, placement } = parts;
    const onConnection = (connection: Connection): void => {
      this.connected(connection);
    };
    this.peers = new Peers(client, signal);
    this.typing = new TypingLine({ client, screen, signal, peers: this.peers });
    this.changes = client.changes({ signal, onConnection, onTyping: this.typing.hear });
    this.outgoing = new Outgoing(client, screen, style);
    this.reading = new Reading(client, signal);
    this.files = new ReceivedFiles(parts);
    this.pins = new Pins({
      ...{ client, signal, reading: this.reading },
      note: this.note.bind(this),
      nameOf: (author) => (author === parts.agent ? 'you' : this.peers.nickname(author)),
    });
    this.placement = placement;
  }

  /** How many messages the service has not got. */
  get pending(): number {
    return this.outgoing.pending + this.held;
  }

  /** Resolves when all that was typed is done: the service has got everything, and everything is saved. */
  async idle(): Promise<void> {
    await Promise.all(this.work);
  }

  /** Turns to somebody, and shows what came while nobody looked. */
  begin(to: string | undefined): Promise<void> {
    return this.guarded(async () => {
      // What is delivered after this is among the changes, and what was before is in the history: nothing falls between.
      await this.changes.ready;
      if (to === undefined) this.note('/to <name> says whom you write to, /who lists who is there.');
      else await this.guarded(() => this.turnTo(to));
      await this.missed();
    });
  }

  /** Follows what happens, until the signal. */
  async follow(): Promise<void> {
    for await (const change of this.changes) await this.guarded(() => this.changed(change));
  }

  /** What the user typed. */
  line(text: string): Promise<void> {
    const done = this.guarded(async () => {
      if (text.startsWith('/')) await this.command(text);
      else if (text.trim() !== '') await this.say(text);
    });
    this.work.add(done);
    return done.finally(() => this.work.delete(done));
  }

  /** What stands in the line that is being typed. */
  typed(line: string): void {
    this.typing.typed(line, this.peer && { agent: this.peer.agent, placement: this.placement });
  }

  note(text: string): void {
    for (const line of text.split('\n')) this.parts.screen.print(notice(safe(line), this.parts.style));
  }

  /** What fails is said, and the chat goes on. */
  private async guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.parts.signal.aborted) this.note(wordsOf(error));
    }
  }

  /** Whom the next messages go to. */
  private async turnTo(name: string): Promise<void> {
    const agent = await this.peers.find(name);
    this.peer = { agent, nickname: await this.peers.nickname(agent) };
    this.note(`You write to ${this.peer.nickname} on ${this.placement}.`);
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
      find: () => this.find(rest),
      pin: () => this.pins.pin(rest.trim(), this.withWhom().agent),
      unpin: () => this.pins.unpin(Number(rest.trim()), this.withWhom().agent),
      pins: () => this.pins.list(this.withWhom().agent),
      file: () => this.sendFile(rest.trim()),
      save: () => this.files.save(rest),
      retry: () => this.retry(),
      typing: () => {
        this.note(this.typing.turn(rest.trim()));
      },
      quit: this.parts.quit,
      help: () => {
        this.note(HELP.join('\n'));
      },
    };
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined) this.note(`There is no /${name}. /help lists the commands.`);
    else await command();
  }

  private async say(text: string): Promise<void> {
    const target = this.target();
    this.typing.own.sent();
    this.held += 1;
    await this.reads;
    this.held -= 1;
    await this.outgoing.send(text, target, this.parts.signal);
  }

  private async sendFile(path: string): Promise<void> {
    const target = this.target();
    if (path === '') throw new PeerError('/file <path> sends a file.');
    const file = this.reads.then(() => readLocal(pathFrom(this.parts.folder, path)));
    this.reads = file.catch(() => undefined);
    await this.outgoing.sendFile(await file, target, this.parts.signal);
  }

  private target(): Target {
    if (this.peer === undefined)
      throw new PeerError('To whom? /to <name> says it, and /who lists who is there.');
    return { ...this.peer, placement: this.placement };
  }

  private async who(search: string): Promise<void> {
    const others = await this.peers.others(search.trim(), this.parts.agent);
    this.note(others.length === 0 ? 'Nobody else is here yet.' : others.join('\n'));
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

  private async find(text: string): Promise<void> {
    const { agent, nickname } = this.withWhom();
    const found = await this.reading.found(text, agent, HISTORY);
    if (found.length === 0) this.note('No message with this agent has these words.');
    for (const message of found) this.note(lineOf(message, message.author === agent ? nickname : 'you'));
  }

  private withWhom(): Omit<Target, 'placement'> {
    if (this.peer === undefined) throw new PeerError('With whom? /to <name> says it.');
    return this.peer;
  }

  private async history(wanted: number): Promise<void> {
    const limit = Number.isInteger(wanted) ? Math.min(MOST_MESSAGES, Math.max(1, wanted)) : HISTORY;
    const { agent, nickname } = this.withWhom();
    const { messages, unverified } = await this.reading.latest(agent, limit);
    for (const { reason } of unverified) this.leaveOut(reason);
    for (const message of messages) {
      if (message.author === agent) this.show(message, nickname);
      else this.past(message, nickname);
    }
    for (const placement of PLACEMENTS) await this.markRead(placement, messages.filter(isUnreadFrom(agent)));
  }

  /** What nobody has looked at yet, of everybody. */
  private async missed(): Promise<void> {
    const { contacts, unread } = await this.reading.missed();
    this.peers.learn(contacts);
    for (const message of unread) await this.arrived(message);
  }

  private async changed(change: Change): Promise<void> {
    if (change.type === 'unverified') this.leaveOut(change.reason);
    if (change.type !== 'message') return;
    const { message } = change;
    await this.pins.changed(message);
    if (message.author === this.parts.agent) this.outgoing.update(message);
    else await this.arrived(message);
  }

  private async arrived(message: Message): Promise<void> {
    const { id, author, strategy } = message;
    if (this.seen.has(id)) return;
    this.seen.add(id);
    this.typing.arrived(author);
    const nickname = await this.peers.nickname(author);
    this.show(message, nickname);
    if (author === this.peer?.agent) await this.markRead(strategy, [message]);
    else this.note(`Answer with /to ${nickname}`);
  }

  private show(message: Message, nickname: string): void {
    this.seen.add(message.id);
    this.pins.learn(message);
    this.parts.screen.print(lineOf(message, nickname));
    this.describeFile(message);
  }

  private past(message: Message, nickname: string): void {
    this.pins.learn(message);
    this.outgoing.past(message, nickname);
    this.describeFile(message);
  }

  private describeFile(message: Message): void {
    const file = this.files.describe(message);
    if (file !== null) this.note(file);
  }

  private leaveOut(reason: string): void {
    this.note(`A message is left out that is not proven: ${reason}.`);
  }

  /** Those of them that live there. */
  private async markRead(strategy: StrategyName, messages: readonly Message[]): Promise<void> {
    const { client, signal } = this.parts;
    const ids = messages.filter((message) => message.strategy === strategy).map(({ id }) => id);
    if (ids.length === 0) return;
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
