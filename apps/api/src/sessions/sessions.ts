import { type OpenedKeys } from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import { type Rows, type Sql } from '@musubi/database';
import { type AgentPubKey, type Log, type Timestamp } from '@musubi/messaging';
import { type Observable } from 'rxjs';
import { type AgentLifecycle } from '../node/agent-lifecycle.js';
import { SessionEndings } from './session-endings.js';
import { type SessionStore } from './session.store.js';
import { KnownSessions } from './known-sessions.js';
import { type FirstSession, type Session, endOf } from './session.js';
import { type SessionLifetimes } from '../config/session-lifetimes.js';

interface SessionsParts {
  readonly store: SessionStore;
  readonly life: Pick<
    AgentLifecycle,
    'open' | 'bringOnline' | 'ensureOnline' | 'lock' | 'inTurn' | 'online' | 'attendedAmong'
  >;
  readonly lifetimes: SessionLifetimes;
  readonly now: () => Timestamp;
  readonly log: Log;
  /** The database is this process's own: no other can end a session, and a session once read is good until it ends. */
  readonly isAlone: boolean;
}

/**
 * Sessions and the unlockings they keep up. An attended agent's unlocking in this process begins with one session and
 * accepts it and those that were begun since, in any process: a token of before a restart never comes back. When the
 * last of them ends, the keys are locked.
 */
export class Sessions {
  private readonly known: KnownSessions;
  /** The first session of each attended agent's unlocking here. */
  private readonly unlockings = new Map<AgentPubKey, number>();
  private readonly endings = new SessionEndings();

  constructor(private readonly parts: SessionsParts) {
    this.known = new KnownSessions(parts);
  }

  /** What signing in takes; `null` when the passphrase is not this agent's. It waits for no other work on the agent. */
  open(agent: AgentPubKey, passphrase: string): Promise<OpenedKeys | null> {
    return this.parts.life.open(agent, passphrase);
  }

  /**
   * Begins a session of an attended agent, which is online from here on.
   * @returns its token; null when the passphrase was changed since it opened the keys
   */
  signIn({ keys, stored }: OpenedKeys): Promise<string | null> {
    const { agent } = keys;
    const { life } = this.parts;
    return life.inTurn(agent, async () => {
      const token = await this.orLocked(agent, async () => {
        await life.bringOnline(keys);
        return this.add(agent, stored);
      });
      if (token === null && !this.unlockings.has(agent)) await life.lock(agent);
      return token;
    });
  }

  /** Begins a session of an agent that needs nobody to unlock it. @returns its token; null when it needs somebody */
  begin(agent: AgentPubKey): Promise<string | null> {
    return this.parts.life.inTurn(agent, () => this.add(agent, null));
  }

  /** The first session of an agent that is just being made, as a row that commits with it. */
  first(agent: AgentPubKey, isAttended: boolean): { readonly token: string; readonly rows: Rows } {
    return this.parts.store.rowsOf(agent, { isAttended, createdAt: this.parts.now() });
  }

  /** Brings an agent online that was just made, with its first session. */
  begun(keys: AgentKeys, { token, isAttended }: FirstSession): Promise<void> {
    const { life, store } = this.parts;
    const begin = async (): Promise<void> => {
      await life.bringOnline(keys);
      if (!isAttended) return;
      const session = await store.find(token);
      if (session !== null) this.unlockings.set(keys.agent, session.seq);
    };
    return life.inTurn(keys.agent, isAttended ? () => this.orLocked(keys.agent, begin) : begin);
  }

  /**
   * Ends every session of an agent whose keys get another passphrase, and begins one. The agent is attended from here on.
   * @param change writes the passphrase. @returns the seal
   * @returns the token of the new session
   */
  renew(keys: AgentKeys, change: (tx: Sql) => Promise<Uint8Array>): Promise<string> {
    const { life, store, now, isAlone, log } = this.parts;
    const { agent } = keys;
    return life.inTurn(agent, async () => {
      const { token, session, ended } = await store.replaceAll(agent, now(), change).finally(() => {
        // Also where nobody knows whether it was committed.
        this.known.clear();
      });
      this.forget(ended);
      if (!isAlone) await store.tellOthers().catch(() => undefined);
      try {
        await this.orLocked(agent, () => life.bringOnline(keys));
        if (!this.unlockings.has(agent)) this.unlockings.set(agent, session.seq);
      } catch (error) {
        // It is changed: the next sign-in brings the agent online.
        log.warn('agent-not-online', { error: error instanceof Error ? error.name : 'unknown' });
      }
      return token;
    });
  }

  /** @returns `null` when there is no such session, or none any more */
  async identify(token: string): Promise<Session | null> {
    const known = await this.known.read(token);
    if (known === null) return null;
    const now = this.parts.now();
    if (this.isOver({ ...known.session, usedAt: known.usedAt }, now)) return null;
    if (known.usedAt < now) known.usedAt = now;
    await this.known.noteUse(known);
    return known.session;
  }

  /** Whether this process may act for the session's agent; an unattended one is brought online if need be. */
  async accepts({ agent, isAttended, seq }: Session): Promise<boolean> {
    // An agent that has got a passphrase since: its tokens of before are worth nothing.
    if (!isAttended) return !this.unlockings.has(agent) && this.parts.life.ensureOnline(agent);
    const first = this.unlockings.get(agent);
    return first !== undefined && seq >= first;
  }

  async list(agent: AgentPubKey): Promise<readonly (Session & { readonly endsAt: number | null })[]> {
    const now = this.parts.now();
    const sessions = await this.parts.store.listOf(agent);
    return sessions
      .filter((session) => !this.isOver(session, now))
      .map((session) => ({ ...session, endsAt: endOf(session, this.parts.lifetimes) }));
  }

  /** @returns whether the agent had that session */
  async end(agent: AgentPubKey, id: string): Promise<boolean> {
    const hadIt = await this.parts.store.remove(agent, id);
    if (hadIt) await this.ended(agent, [id]);
    return hadIt;
  }

  async endAll(agent: AgentPubKey): Promise<void> {
    await this.ended(agent, await this.parts.store.removeAll(agent));
  }

  /** The agent has left this node: what serves its sessions ends. Their tokens are known still, and told where it lives. */
  async left(agent: AgentPubKey): Promise<void> {
    this.unlockings.delete(agent);
    const sessions = await this.parts.store.listOf(agent);
    this.endings.tell(sessions.map(({ id }) => id));
  }

  /** In the transaction that deletes the agent. @returns the ids of its sessions */
  removeAll(tx: Sql, agent: AgentPubKey): Promise<readonly string[]> {
    return this.parts.store.removeAll(agent, tx);
  }

  /** Nobody knows whether sessions were removed: each is read anew. */
  lookAgain(): void {
    this.known.clear();
  }

  /** The agent was deleted, and its sessions with it: what serves them ends. */
  async deleted(agent: AgentPubKey, ids: readonly string[]): Promise<void> {
    this.unlockings.delete(agent);
    this.known.clear();
    this.endings.tell(ids);
    // Others find it by themselves within a sweep.
    if (!this.parts.isAlone) await this.parts.store.tellOthers().catch(() => undefined);
  }

  /** Emits when the session ends, here or, within a sweep, in another process. */
  endingOf({ id }: Session): Observable<void> {
    return this.endings.of(id);
  }

  /** Ends what is over, locks agents whose sessions have all ended, and notices what other processes have ended. */
  async sweep(): Promise<void> {
    const { store, lifetimes, now } = this.parts;
    if (await store.sweep(now(), lifetimes)) this.known.clear();
    if (this.unlockings.size > 0) {
      for (const agent of await store.unused(this.unlockings, now(), lifetimes))
        await this.lockIfUnused(agent);
    }
    if (!this.parts.isAlone) await this.lockAttended();
    const watched = this.endings.watched();
    if (watched.length > 0) this.endings.tell(await store.missing(watched));
  }

  /** Locks agents that another process has made attended: here they were unlocked for nobody's session. */
  private async lockAttended(): Promise<void> {
    const { life } = this.parts;
    const unlocked = life.online().filter((agent) => !this.unlockings.has(agent));
    for (const agent of await life.attendedAmong(unlocked))
      await life.inTurn(agent, async () => {
        if (!this.unlockings.has(agent)) await life.lock(agent);
      });
  }

  private isOver(session: Session, now: Timestamp): boolean {
    const end = endOf(session, this.parts.lifetimes);
    return end !== null && end <= now;
  }

  /** A beginning that fails leaves no keys unlocked that no session needs. */
  private async orLocked<Value>(agent: AgentPubKey, begin: () => Promise<Value>): Promise<Value> {
    try {
      return await begin();
    } catch (error) {
      if (!this.unlockings.has(agent)) await this.parts.life.lock(agent);
      throw error;
    }
  }

  private async add(agent: AgentPubKey, seal: Uint8Array | null): Promise<string | null> {
    const { store, now, isAlone } = this.parts;
    const added = await store.add(agent, { seal, createdAt: now() });
    if (added === null) return null;
    const { token, session } = added;
    if (session.isAttended && !this.unlockings.has(agent)) {
      this.unlockings.set(agent, session.seq);
      // What began before and elsewhere may still be good there; alone, there is no elsewhere.
      if (isAlone) this.forget(await store.removeBefore(agent, session.seq));
    }
    this.forget(await store.removeBeyondMax(agent));
    return token;
  }

  private async ended(agent: AgentPubKey, ids: readonly string[]): Promise<void> {
    this.forget(ids);
    if (!this.parts.isAlone && ids.length > 0) await this.parts.store.tellOthers();
    await this.lockIfUnused(agent);
  }

  private forget(ids: readonly string[]): void {
    if (ids.length > 0) this.known.clear();
    this.endings.tell(ids);
  }

  private lockIfUnused(agent: AgentPubKey): Promise<void> {
    const { store, life, now, lifetimes } = this.parts;
    return life.inTurn(agent, async () => {
      const first = this.unlockings.get(agent);
      if (first === undefined) return;
      if ((await store.unused(new Map([[agent, first]]), now(), lifetimes)).length === 0) return;
      this.unlockings.delete(agent);
      await life.lock(agent);
    });
  }
}
