import { type Log, type Timestamp } from '@musubi/messaging';
import { type SessionStore } from './session.store.js';
import { type Session, silenceOf } from './session.js';
import { type SessionLifetimes } from '../config/session-lifetimes.js';

const REMEMBERED = 10_000;

interface KnownSessionsParts {
  readonly store: SessionStore;
  readonly lifetimes: SessionLifetimes;
  readonly log: Log;
  readonly isAlone: boolean;
}

export interface Known {
  readonly session: Session;
  usedAt: Timestamp;
  writtenAt: Timestamp;
}

/** Sessions by their tokens, remembered where no other process can end them. */
export class KnownSessions {
  private readonly sessions = new Map<string, Promise<Known | null>>();

  constructor(private readonly parts: KnownSessionsParts) {}

  read(token: string): Promise<Known | null> {
    const known = this.sessions.get(token);
    if (known !== undefined) return known;
    const found = this.parts.store
      .find(token)
      .then((session) =>
        session === null ? null : { session, usedAt: session.usedAt, writtenAt: session.usedAt },
      );
    if (this.parts.isAlone) this.remember(token, found);
    return found;
  }

  /** While it is still being read, so that who ends it meanwhile has something to forget. */
  private remember(token: string, found: Promise<Known | null>): void {
    if (this.sessions.size >= REMEMBERED) this.sessions.clear();
    this.sessions.set(token, found);
    const forget = (): void => void this.sessions.delete(token);
    found.then((known) => {
      if (known === null) forget();
    }, forget);
  }

  clear(): void {
    this.sessions.clear();
  }

  /** A use that cannot be written may end the session early, and need not fail the request. */
  async noteUse(known: Known): Promise<void> {
    const { store, lifetimes, log } = this.parts;
    if (known.usedAt - known.writtenAt < silenceOf(known.session, lifetimes) * 1000) return;
    known.writtenAt = known.usedAt;
    try {
      await store.touch(known.session, known.usedAt);
    } catch {
      log.warn('session-use-not-written');
    }
  }
}
