import { type AgentKeys, fromBase64Url } from '@musubi/crypto';
import { type AgentPubKey, parseTimestamp } from '@musubi/messaging';
import { AgentTurns } from '../../src/node/agent-turns.js';
import { SessionStore } from '../../src/sessions/session.store.js';
import { type SessionLifetimes } from '../../src/config/session-lifetimes.js';
import { Sessions } from '../../src/sessions/sessions.js';

export const DAY_MS = 86_400_000;

export const LIFETIMES: SessionLifetimes = {
  attended: { idleMs: 7 * DAY_MS, maxMs: 30 * DAY_MS },
  unattended: { idleMs: null, maxMs: null },
};

interface SessionProcessParts {
  readonly db: ConstructorParameters<typeof SessionStore>[0];
  readonly keys: AgentKeys;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly isAlone: boolean;
  readonly lifetimes?: SessionLifetimes;
}

/** What the agent's key is under. */
const SEAL = Buffer.from('sealed');

/** The sessions of one agent in one process, and whether it is unlocked there. */
export class SessionProcess {
  private readonly unlocked = new Set<AgentPubKey>();
  private readonly agent: AgentPubKey;
  private readonly keys: AgentKeys;
  private readonly db: SessionProcessParts['db'];
  readonly sessions: Sessions;

  constructor({ db, keys, now, isAlone, lifetimes = LIFETIMES }: SessionProcessParts) {
    this.agent = keys.agent;
    this.keys = keys;
    this.db = db;
    const turns = new AgentTurns();
    this.sessions = new Sessions({
      store: new SessionStore(db),
      life: {
        open: () => Promise.resolve({ keys, stored: SEAL }),
        bringOnline: ({ agent }) => Promise.resolve(void this.unlocked.add(agent)),
        ensureOnline: () => Promise.resolve(true),
        lock: (locked) => Promise.resolve(void this.unlocked.delete(locked)),
        online: () => [...this.unlocked],
        attendedAmong: (agents) => Promise.resolve(agents),
        inTurn: (of, work) => turns.take(of, work),
      },
      lifetimes,
      now: () => parseTimestamp(Math.floor(now() * 1000)),
      log: { warn: () => undefined },
      isAlone,
    });
  }

  get isUnlocked(): boolean {
    return this.unlocked.has(this.agent);
  }

  async signIn(): Promise<string> {
    await this.storeKey(true);
    return tokenOf(await this.sessions.signIn({ keys: this.keys, stored: SEAL }));
  }

  /** A session of the agent as one that needs nobody to unlock it. */
  async begin(): Promise<string> {
    await this.storeKey(false);
    return tokenOf(await this.sessions.begin(this.agent));
  }

  private async storeKey(isAttended: boolean): Promise<void> {
    await this.db.query(
      'insert into agent_key (agent, sealed, is_attended) values ($1, $2, $3) on conflict do nothing',
      [fromBase64Url(this.agent), SEAL, isAttended],
    );
  }

  async isGood(token: string): Promise<boolean> {
    const session = await this.sessions.identify(token);
    return session !== null && (await this.sessions.accepts(session));
  }

  async signOut(token: string): Promise<void> {
    const session = await this.sessions.identify(token);
    if (session !== null) await this.sessions.end(this.agent, session.id);
  }
}

function tokenOf(token: string | null): string {
  if (token === null) throw new Error('the key is under another seal');
  return token;
}
