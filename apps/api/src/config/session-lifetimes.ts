/** How long sessions last, in milliseconds; `null` is for ever. */
interface SessionLifetime {
  /** Since the last request. */
  readonly idleMs: number | null;
  /** Since signing in. */
  readonly maxMs: number | null;
}

export interface SessionLifetimes {
  readonly attended: SessionLifetime;
  /** Nobody can sign in as an unattended agent: when its last token ends, nobody can reach it any more. */
  readonly unattended: SessionLifetime;
}
