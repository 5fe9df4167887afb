import createClient, { type Client as HttpClient } from 'openapi-fetch';
import { dataOf } from './answers.js';
import { ClientSession } from './client-session.js';
import { Files } from './files.js';
import { type paths } from './openapi.js';
import { type AgentToDelete, type ClientOptions, type Credentials, type NewAgent } from './options.js';
import { type CallOptions, Transport, newKey } from './transport.js';
import { type Message, type Session } from './types.js';
import { verifyMessage } from './verify.js';
import { type Waiting, platformWaiting } from './waiting.js';

const MS_PER_S = 1000;

/** Whom a client acts as, and how its calls are made. */
export abstract class ClientBase {
  /** Every call of the API, typed, with the same repeats, time-outs and errors. */
  readonly http: HttpClient<paths, 'application/json'>;
  readonly files: Files;
  protected readonly transport: Transport;
  protected readonly waiting: Waiting;
  protected readonly verifies: boolean;
  private readonly session: ClientSession;

  constructor(protected readonly options: ClientOptions) {
    this.waiting = options.waiting ?? platformWaiting;
    this.verifies = options.verify ?? true;
    this.session = new ClientSession({
      token: options.token,
      http: () => this.http,
      transport: () => this.transport,
    });
    this.transport = new Transport({
      fetch: options.fetch ?? ((request, init) => fetch(request, init)),
      waiting: this.waiting,
      timeoutMs: options.timeoutMs ?? 30_000,
      attempts: options.attempts ?? 5,
      longestPauseMs: options.longestPauseMs ?? 60_000,
      token: () => this.session.token,
      recover: (problem, signal) => this.session.recover(problem, signal),
    });
    // The service redirects nowhere, and a token goes to nobody else.
    this.http = createClient<paths, 'application/json'>({
      baseUrl: options.url,
      redirect: 'error',
      fetch: this.transport.for({}),
    });
    this.files = new Files({ url: options.url, transport: this.transport, waiting: this.waiting });
  }

  /** Of the agent that this client acts as. */
  get token(): string | undefined {
    return this.session.token;
  }

  /** Makes an agent; the client acts as it from then on. Keep the token of an unattended one: nothing replaces it. */
  async signUp(agent: NewAgent, call: CallOptions = {}): Promise<Session> {
    const { nickname, passphrase, keep = false, idempotencyKey = newKey(), registrationToken } = agent;
    const answer = await this.http.POST('/v1/agents', {
      body: passphrase === undefined ? { nickname } : { nickname, passphrase },
      headers: {
        'idempotency-key': idempotencyKey,
        ...(registrationToken === undefined ? {} : { 'registration-token': registrationToken }),
      },
      fetch: this.transport.for(call),
    });
    const session = dataOf(answer);
    const keeps = keep && passphrase !== undefined;
    this.session.use(session.token, { agent: session.agent, passphrase: passphrase ?? '', keep: keeps });
    return session;
  }

  /** Signs an attended agent in; the client acts as it from then on. */
  async signIn(credentials: Credentials, call: CallOptions = {}): Promise<Session> {
    return { agent: credentials.agent, token: await this.session.signIn(credentials, call) };
  }

  /** Ends this session. An attended agent without another one is offline. */
  signOut(call: CallOptions = {}): Promise<void> {
    return this.session.signOut(call);
  }

  /**
   * Deletes the agent for good, with all that this node has of it. A client that acts as it acts as nobody from then on. A call that
   * is refused changes nothing. It may be repeated, as the client does when an answer is lost: of a deleted agent it succeeds.
   */
  async deleteAgent({ agent, passphrase }: AgentToDelete, call: CallOptions = {}): Promise<void> {
    const params = { path: { agent } };
    const body = passphrase === undefined ? {} : { passphrase };
    const { acting } = this.session;
    // To a wrong passphrase the service answers as to a session that is over. Only the right one is worth signing in again.
    const isSigningIn = passphrase !== undefined && !this.session.keeps({ agent, passphrase });
    const fetch = this.transport.for({ ...call, isSigningIn });
    await this.http.POST('/v1/agents/{agent}/deletion', { params, body, fetch });
    this.session.forget(agent, acting);
  }

  protected through(call: CallOptions, waitS = 0): { fetch: (request: Request) => Promise<Response> } {
    return { fetch: this.transport.for({ ...call, waitMs: waitS * MS_PER_S }) };
  }

  protected checked(message: Message): Message {
    if (this.verifies) verifyMessage(message);
    return message;
  }
}
