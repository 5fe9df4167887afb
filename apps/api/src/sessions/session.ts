import { type AgentPubKey, type Timestamp } from '@musubi/messaging';
import { type SessionLifetimes } from '../config/session-lifetimes.js';

/** What a bearer token stands for, from signing in until signing out, revocation or expiry. */
export interface Session {
  /** 16 bytes as base64url. It names the session and grants nothing. */
  readonly id: string;
  readonly agent: AgentPubKey;
  /** Grows with each session that this database has seen, whatever the clocks say. */
  readonly seq: number;
  readonly isAttended: boolean;
  readonly createdAt: Timestamp;
  /** At most a twentieth of the idle time, or an hour, behind the last request. */
  readonly usedAt: Timestamp;
}

/** The session that an agent is made with. */
export interface FirstSession {
  readonly token: string;
  readonly isAttended: boolean;
}

/** When the session ends unless it is used before; `null`: never. */
export function endOf(session: Session, lifetimes: SessionLifetimes): number | null {
  const { idleMs, maxMs } = session.isAttended ? lifetimes.attended : lifetimes.unattended;
  const ends = [
    ...(idleMs === null ? [] : [session.usedAt + idleMs * 1000]),
    ...(maxMs === null ? [] : [session.createdAt + maxMs * 1000]),
  ];
  return ends.length === 0 ? null : Math.min(...ends);
}

const LONGEST_SILENCE_MS = 3_600_000;
const SILENCES_AN_IDLE_TIME = 20;

/** Milliseconds for which uses of a session may go unwritten, so that requests need not write. */
export function silenceOf(session: Session, lifetimes: SessionLifetimes): number {
  const { idleMs } = session.isAttended ? lifetimes.attended : lifetimes.unattended;
  return Math.min(LONGEST_SILENCE_MS, (idleMs ?? Infinity) / SILENCES_AN_IDLE_TIME);
}
