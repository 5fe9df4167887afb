import { type Message, type MessageFile, type MusubiClient, type StrategyName } from '@musubi/client';
import { type Line, type Mark, type Style, lineOf, markOf, safe } from './lines.js';
import { type LocalFile } from './local-files.js';
import { TRANSFER_ATTEMPTS, percentOf } from './received-files.js';
import { type Printed, type Screen } from './screen.js';
import { wordsOf } from './words.js';

interface Shown {
  readonly printed: Printed;
  readonly line: Line;
  readonly to: string;
  mark: Mark;
  message?: Message;
}

/** What a message says, once it is on the service. */
type Content = { readonly text: string } | { readonly file: MessageFile };

interface Sending extends Target {
  readonly signal: AbortSignal;
}

export interface Target {
  readonly agent: string;
  readonly nickname: string;
  readonly placement: StrategyName;
}

const RANK: Readonly<Record<Mark, number>> = { pending: 0, saved: 1, failed: 2, delivered: 3, read: 4 };

/** What this chat sends: one after another, each with a line whose mark shows how far it is. */
export class Outgoing {
  private readonly sent = new Map<string, Shown>();
  /** Changes may come before the answer that names the message. */
  private readonly early = new Map<string, Message>();
  private last: Promise<void> = Promise.resolve();
  private waiting = 0;

  constructor(
    private readonly client: MusubiClient,
    private readonly screen: Screen,
    private readonly style: Style,
  ) {}

  /** How many the service has not got yet. */
  get pending(): number {
    return this.waiting;
  }

  send(text: string, target: Target, signal: AbortSignal): Promise<void> {
    const shown = this.begin({ type: 'text', text }, target);
    return this.queue(shown, { ...target, signal }, () => Promise.resolve({ text }));
  }

  /** Its line shows how far it is. What is said after it comes after it. */
  sendFile({ name, content }: LocalFile, target: Target, signal: AbortSignal): Promise<void> {
    const shown = this.begin({ type: 'file', text: null, file: { name, size: content.length } }, target);
    return this.queue(shown, { ...target, signal }, async () => {
      const file = await this.client.files.upload(content, {
        name,
        signal,
        attempts: TRANSFER_ATTEMPTS,
        onProgress: ({ bytes, size }) => {
          const line = this.text(shown.line, shown.to, 'pending');
          this.screen.progress(shown.printed, `${line} ${percentOf(bytes, size)}`);
        },
      });
      return { file };
    });
  }

  /** Shows a message that was sent before; its mark changes as those of new ones do. */
  past(message: Message, to: string): void {
    const mark = message.status;
    const printed = this.screen.print(this.text(message, to, mark));
    this.sent.set(message.id, { printed, line: message, to, mark, message });
  }

  /** The newest state of a message of this agent's. */
  update(message: Message): void {
    const shown = this.sent.get(message.id);
    if (shown === undefined) this.early.set(message.id, message);
    else this.show(shown, message);
  }

  /** Tries again what has not arrived. @returns how many */
  async retry(signal: AbortSignal): Promise<number> {
    const open = [...this.sent.values()].filter(({ mark }) => mark === 'saved' || mark === 'failed');
    for (const shown of open) {
      const { message } = shown;
      if (message === undefined) continue;
      shown.mark = 'pending';
      this.show(shown, await this.client.retry(message.strategy, message.id, { signal }));
    }
    return open.length;
  }

  private begin(payload: Line['payload'], { nickname }: Target): Shown {
    const line = { sentAt: new Date().toISOString(), payload };
    const printed = this.screen.print(this.text(line, nickname, 'pending'));
    return { printed, line, to: nickname, mark: 'pending' };
  }

  private queue(shown: Shown, sending: Sending, content: () => Promise<Content>): Promise<void> {
    this.waiting += 1;
    this.last = this.last.then(() => this.deliver(shown, sending, content));
    return this.last;
  }

  private async deliver(
    shown: Shown,
    { agent, placement, signal }: Sending,
    content: () => Promise<Content>,
  ): Promise<void> {
    try {
      const draft = { to: agent, ...(await content()), strategy: placement, wait: 0 };
      const message = await this.client.send(draft, { signal });
      this.sent.set(message.id, shown);
      const early = this.early.get(message.id);
      this.early.delete(message.id);
      this.show(shown, message);
      if (early !== undefined) this.show(shown, early);
      this.waiting -= 1;
    } catch (error) {
      if (signal.aborted) return;
      this.waiting -= 1;
      const line = this.text(shown.line, shown.to, 'pending');
      this.screen.replace(shown.printed, `${line} not sent: ${safe(wordsOf(error))}`);
    }
  }

  /** A receipt is never taken back: what comes late and says less is older. */
  private show(shown: Shown, message: Message): void {
    shown.message = message;
    if (RANK[message.status] <= RANK[shown.mark]) return;
    shown.mark = message.status;
    this.screen.replace(shown.printed, this.text(shown.line, shown.to, shown.mark));
  }

  private text(line: Shown['line'], to: string, mark: Mark): string {
    return lineOf(line, `you → ${to}`, markOf(mark, this.style));
  }
}
