import { type AgentKeys, fromBase64Url } from '@musubi/crypto';
import { type ChangePage, ChangeFeed } from '@musubi/history';
import { type Cursor, InvalidCursorError, type MessageDraft } from '@musubi/messaging';
import { blindedKey, messageIdOf } from '@musubi/receipts';
import { type DataSource, type QueryRunner } from 'typeorm';
import { type Archive, type OpenHistory, letter } from './archive.js';
import { type Backup, restoreBackup, takeBackup, takeOver } from './backup.js';

/** What a client knows of messages: text → status. */
type Known = ReadonlyMap<string, string>;

/** A cursor that was given out, and what a client knows that has it. */
export interface Given {
  readonly cursor: Cursor | null;
  readonly known: Known;
  /** The state in which it was given out is one that the database has had: it must lead on. */
  isOfThisHistory: boolean;
}

export interface Write {
  readonly step: 'send' | 'deliver' | 'read' | 'delete';
  /** Which message, of those that were sent; the remainder counts. */
  readonly message: number;
}

/** Something that happens before the n-th statement of a read. */
export interface Meanwhile {
  readonly before: number;
  readonly step: Write['step'] | 'backup' | 'hold';
  readonly message: number;
}

/** The changes of one agent, in a database that can be restored to what it was. */
export class RestoredFeed {
  readonly given: Given[] = [{ cursor: null, known: new Map(), isOfThisHistory: true }];
  private readonly drafts: MessageDraft[] = [];
  private readonly history: OpenHistory;
  private readonly db: DataSource;
  private feed: ChangeFeed;
  private backup: Backup = {};
  /** How many cursors had been given out when the backup was taken. */
  private ofBackup = 0;
  /** A deletion that has not committed. */
  private held: { readonly message: number; readonly runner: QueryRunner } | undefined;
  private meanwhile: Meanwhile[] = [];
  private statements = 0;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly archive: Archive,
    private readonly alice: AgentKeys,
    private readonly bob: AgentKeys,
  ) {
    this.db = archive.node.context.db;
    this.history = archive.open();
    this.feed = this.startedFeed();
  }

  async write({ step, message }: Write): Promise<void> {
    const index = message % Math.max(1, this.drafts.length);
    const draft = this.drafts[index];
    if (step === 'send' || draft === undefined) return this.send();
    if (this.held?.message === index || !(await this.has(draft))) return;
    if (step === 'delete') {
      await this.history.bury({ holder: this.alice.agent, message: messageIdOf(draft) });
    } else {
      const status = step === 'read' ? 'read' : 'delivered';
      await this.history.addReceipt(this.alice, this.history.receipt(draft, status));
    }
  }

  private async send(): Promise<void> {
    const draft = letter({ from: this.alice, to: this.bob, text: String(this.drafts.length) });
    this.drafts.push(draft);
    await this.history.add(this.alice, draft);
  }

  /** A client reads on from a cursor that it was given, and is given new ones. */
  async read(from: number, limit: number, meanwhile: readonly Meanwhile[] = []): Promise<void> {
    const given = this.given[from % this.given.length];
    if (given === undefined) throw new Error('the first one is always there');
    this.meanwhile = [...meanwhile];
    this.statements = 0;
    const page = await this.pageOf(given, limit);
    this.meanwhile = [];
    await this.release();
    if (page === null) return;
    let known = given.known;
    for (const change of page.changes) {
      known = knownWith(known, [change]);
      this.given.push({ cursor: change.cursor, known, isOfThisHistory: true });
    }
    this.given.push({ cursor: page.next, known, isOfThisHistory: true });
  }

  /** A client begins after everything that is there, and then loads what it shows. */
  async begin(): Promise<void> {
    const cursor = await this.feed.latest(this.alice.agent);
    this.given.push({ cursor, known: await this.truth(), isOfThisHistory: true });
  }

  start(): void {
    this.feed = this.startedFeed();
  }

  async takeBackup(): Promise<void> {
    this.backup = await takeBackup(this.db, this.holder);
    // Those of a page that is just being read are given out after this.
    this.ofBackup = this.given.length;
  }

  async restore(how: 'restart' | 'takeover'): Promise<void> {
    await restoreBackup(this.db, this.holder, this.backup);
    for (const given of this.given.slice(this.ofBackup)) given.isOfThisHistory = false;
    if (how === 'restart') this.start();
    else await takeOver(this.db);
  }

  /** What a client knows that was given this cursor and reads on to the end; `null` when it is refused. */
  async readOn({ cursor, known }: Given): Promise<Known | null> {
    for (let [at, state] = [cursor, known]; ;) {
      const page = await this.tried(at, 2);
      if (page === null) return null;
      state = knownWith(state, page.changes);
      if (page.changes.length === 0) return state;
      at = page.next;
    }
  }

  /** What a client knows that reads everything. */
  async truth(): Promise<Known> {
    const known = await this.readOn({ cursor: null, known: new Map(), isOfThisHistory: true });
    if (known === null) throw new Error('reading from the beginning is never refused');
    return known;
  }

  private async pageOf(given: Given, limit: number): Promise<ChangePage | null> {
    const page = await this.tried(given.cursor, limit);
    if (page === null && given.isOfThisHistory) throw new Error('a cursor of this history was refused');
    return page;
  }

  private async tried(cursor: Cursor | null, limit: number): Promise<ChangePage | null> {
    try {
      return await this.feed.after(this.alice.agent, cursor, { limit });
    } catch (error) {
      if (error instanceof InvalidCursorError) return null;
      throw error;
    }
  }

  /** A feed whose every statement may come after something else: one after another, also those that it asks for at once. */
  private startedFeed(): ChangeFeed {
    const query = (sql: string, parameters?: unknown[]): Promise<unknown> => {
      const answer = this.turn.then(async () => {
        await this.happen();
        return this.db.query<unknown>(sql, parameters);
      });
      this.turn = answer.catch(() => undefined);
      return answer;
    };
    const db = new Proxy(this.db, {
      get: (target, name, receiver) =>
        name === 'query' ? query : (Reflect.get(target, name, receiver) as unknown),
    });
    return new ChangeFeed(db, this.archive.node.context.keyring);
  }

  private async happen(): Promise<void> {
    for (const { before, step, message } of this.meanwhile) {
      if (before !== this.statements) continue;
      if (step === 'backup') await this.takeBackup();
      else if (step === 'hold') await this.hold(message);
      else await this.write({ step, message });
    }
    this.statements += 1;
  }

  /** Deletes a message without committing it, until the page is read. */
  private async hold(message: number): Promise<void> {
    const index = message % Math.max(1, this.drafts.length);
    const draft = this.drafts[index];
    if (draft === undefined || this.held !== undefined) return;
    const runner = this.db.createQueryRunner();
    await runner.startTransaction();
    await runner.query('update history set is_deleted = true, change = null where holder = $1 and key = $2', [
      this.holder,
      blindedKey(this.alice, messageIdOf(draft)),
    ]);
    this.held = { message: index, runner };
  }

  private async release(): Promise<void> {
    await this.held?.runner.commitTransaction();
    await this.held?.runner.release();
    this.held = undefined;
  }

  /** Those of a lost future are not there any more. */
  private async has(draft: MessageDraft): Promise<boolean> {
    const key = blindedKey(this.alice, messageIdOf(draft));
    const found = await this.db.query<unknown[]>('select from history where holder = $1 and key = $2', [
      this.holder,
      key,
    ]);
    return found.length > 0;
  }

  private get holder(): Uint8Array {
    return fromBase64Url(this.alice.agent);
  }
}

function knownWith(known: Known, changes: ChangePage['changes']): Known {
  const lines = changes.map(({ held, isDeleted }): [string, string] => [
    held.message.payload.text ?? '',
    isDeleted ? 'deleted' : held.status,
  ]);
  return new Map([...known, ...lines]);
}
