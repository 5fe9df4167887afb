import { type Client as HttpClient } from 'openapi-fetch';
import { dataOf, unless } from './answers.js';
import { type ProblemError } from './errors.js';
import { type paths } from './openapi.js';
import { type Credentials } from './options.js';
import { type CallOptions, type Transport } from './transport.js';
import { orAborted } from './waiting.js';

/** How signing in again ended. */
type Renewal =
  | { readonly kind: 'renewed' }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** The client was signed out meanwhile. `ended`: the new session is over, too. */
  | { readonly kind: 'left'; readonly ended: Promise<void> };

/** Whom a client acts as; another object each time that it signs in or up. */
interface Acting {
  /** Of a token that the client was made with, nobody knows. */
  readonly agent: string | undefined;
}

interface SessionParts {
  readonly token: string | undefined;
  readonly http: () => HttpClient<paths, 'application/json'>;
  readonly transport: () => Transport;
}

/** Whom a client acts as, and what it keeps to sign in again. */
export class ClientSession {
  private currentToken: string | undefined;
  private current: Acting = { agent: undefined };
  private credentials: Credentials | undefined;
  private renewing: Promise<Renewal> | undefined;

  constructor(private readonly parts: SessionParts) {
    this.currentToken = parts.token;
  }

  get token(): string | undefined {
    return this.currentToken;
  }

  get acting(): Acting {
    return this.current;
  }

  /** Acts by that token from now on. */
  use(token: string, { keep = false, ...credentials }: Credentials): void {
    this.currentToken = token;
    this.current = { agent: credentials.agent };
    this.credentials = keep ? credentials : undefined;
  }

  async signIn(credentials: Credentials, call: CallOptions): Promise<string> {
    const token = await this.begin(credentials, call);
    this.use(token, credentials);
    return token;
  }

  /** Ends the session, and one that is just being renewed. */
  async signOut(call: CallOptions): Promise<void> {
    const { renewing } = this;
    this.credentials = undefined;
    const fetch = this.parts.transport().for(call);
    // Its own repeat finds the session ended.
    await unless('unauthenticated', this.parts.http().DELETE('/v1/sessions/current', { fetch }));
    this.currentToken = undefined;
    if (renewing === undefined) return;
    const renewal = await orAborted(renewing, call.signal);
    if (renewal.kind === 'left') await orAborted(renewal.ended, call.signal);
  }

  /** Whether it would sign in again with just these. */
  keeps({ agent, passphrase }: Credentials): boolean {
    return this.credentials?.agent === agent && this.credentials.passphrase === passphrase;
  }

  /**
   * Acts as nobody after the end of the agent, unless it acts as another one. A session that is just being renewed is not used.
   * @param acting when the end was asked for
   */
  forget(agent: string, acting: Acting): void {
    if (this.current !== acting || (acting.agent ?? agent) !== agent) return;
    this.credentials = undefined;
    this.currentToken = undefined;
  }

  /** Signs in again with what it kept; once for all calls that wait for it. @returns what still stands in the way */
  async recover(problem: ProblemError, signal: AbortSignal | undefined): Promise<unknown> {
    const { credentials } = this;
    const { code } = problem;
    if (credentials === undefined || (code !== 'agent-offline' && code !== 'unauthenticated')) return problem;
    this.renewing ??= this.renew(credentials).finally(() => {
      this.renewing = undefined;
    });
    const renewal = await orAborted(this.renewing, signal);
    if (renewal.kind === 'failed') return renewal.error;
    return renewal.kind === 'renewed' ? null : problem;
  }

  private async renew(credentials: Credentials): Promise<Renewal> {
    try {
      const token = await this.begin(credentials, {});
      if (this.credentials !== credentials) return { kind: 'left', ended: this.end(token) };
      this.currentToken = token;
      return { kind: 'renewed' };
    } catch (error) {
      return { kind: 'failed', error };
    }
  }

  private async begin({ agent, passphrase }: Credentials, call: CallOptions): Promise<string> {
    const { http, transport } = this.parts;
    const fetch = transport().for({ ...call, isSigningIn: true });
    return dataOf(await http().POST('/v1/sessions', { body: { agent, passphrase }, fetch })).token;
  }

  /** Of a session that the client never acted in. */
  private end(token: string): Promise<void> {
    const headers = { authorization: `Bearer ${token}` };
    const fetch = this.parts.transport().for({ isSigningIn: true });
    const ended = unless(
      'unauthenticated',
      this.parts.http().DELETE('/v1/sessions/current', { headers, fetch }),
    );
    // Who signs out hears of a failure, unless it waits no longer.
    ended.catch(() => undefined);
    return ended;
  }
}
