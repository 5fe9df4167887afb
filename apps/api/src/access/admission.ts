import { Inject, Injectable } from '@nestjs/common';
import { type FastifyInstance } from 'fastify';
import { type Config } from '../config/config.js';
import { isProbe } from '../http/probes.js';
import { CONFIG } from '../node/tokens.js';
import { type CallerRequest } from './access.js';
import { networkOf } from '../http/caller-address.js';
import { Budget } from './budget.js';
import { Identity } from './identity.js';
import { BYTES_A_POINT, WorkBudget } from './work-budget.js';

/** Of a file, as the whole of the largest one costs. */
const FILE_BYTES_A_POINT = 786_432;
const FILE_POINTS = 20;
/** Points of what costs the node more than most requests do; all others cost one. */
const COSTS: Readonly<Record<string, number | ((request: CallerRequest) => number)>> = {
  'POST /v1/agents': 4,
  'POST /v1/agents/import': 4,
  'POST /v1/agents/:agent/deletion': 4,
  'POST /v1/agents/:agent/export': 4,
  'POST /v1/agents/:agent/return': 4,
  // 15 MiB take the thread a fifth of a second.
  'POST /v1/files': FILE_POINTS,
  'GET /v1/files/:file': FILE_POINTS,
  // A file comes in many of these.
  'PATCH /v1/uploads/:upload': pointsOfPart,
  // In a process of its own, which takes a processor for a third of a second.
  'GET /v1/files/:file/thumbnail': 10,
  'POST /v1/sessions': 4,
  'GET /v1/agents': 2,
  'GET /v1/changes': 2,
  'GET /v1/clones': 2,
  'GET /v1/contacts': 2,
  'GET /v1/signals': 2,
  'GET /v1/start': 8,
  'GET /v1/strategies/:strategy/messages': 2,
  'GET /v1/strategies/:strategy/pins': 2,
  'GET /v1/strategies/:strategy/conversations': 4,
  'GET /v1/strategies/:strategy/search': 4,
  'POST /v1/strategies/:strategy/receipts': 2,
  'PUT /v1/contacts/:agent': 4,
  'PUT /v1/agents/:agent/passphrase': 4,
  'POST /v1/agents/:agent/recovery': 4,
  'POST /v1/agents/:agent/recovery-words': 4,
  // What they let in is looked for again.
  'PUT /v1/settings': 4,
  'DELETE /v1/blocks/:agent': 4,
};
/** Routes whose answers or batches may be large: they are paid from the budget for work as well, by what they were. */
const HEAVY: ReadonlySet<string> = new Set([
  'GET /v1/agents',
  'GET /v1/changes',
  'GET /v1/clones',
  'GET /v1/contacts',
  'GET /v1/sessions',
  'GET /v1/start',
  'GET /v1/strategies/:strategy/messages',
  'GET /v1/strategies/:strategy/messages/:message',
  'GET /v1/strategies/:strategy/conversations',
  'GET /v1/strategies/:strategy/pins',
  'GET /v1/strategies/:strategy/search',
  'POST /v1/strategies/:strategy/receipts',
]);
const REMEMBERED = 10_000;

/**
 * Who asks, and whether it is too much: before anything else is done for a request, its body unread. An agent has a
 * budget of its own; a caller without a good token shares that of its network.
 */
@Injectable()
export class Admission {
  private readonly ofAgent: Budget;
  private readonly ofNetwork: Budget;
  /** Tokens that were good before: they are looked up even when strangers have used up their network's budget. */
  private readonly goodBefore = new Set<string>();

  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'rateLimitPerSecond'>,
    private readonly identity: Identity,
    private readonly work: WorkBudget,
  ) {
    this.ofAgent = new Budget(config.rateLimitPerSecond, 1);
    this.ofNetwork = new Budget(config.rateLimitPerSecond, 1);
  }

  /** Notes the caller in the request, if its token is good. @throws TryLaterError */
  async admit(request: CallerRequest): Promise<void> {
    if (isProbe(request.url)) return;
    const cost = Math.min(this.config.rateLimitPerSecond, costOf(request));
    const token = this.identity.tokenOf(request);
    if (token === null) {
      await this.ofNetwork.spend(networkOf(request.ip), cost);
      return;
    }
    await this.identify(request, token);
    const { caller } = request;
    if (caller === undefined) return;
    await this.ofAgent.spend(caller.agent, cost);
    if (isHeavy(request)) await this.work.begin(caller);
  }

  /** Takes what the bytes of a body or of an answer cost, once they are known: from who has sent it, or asked for it. */
  async chargeBytes(request: CallerRequest, bytes: number): Promise<void> {
    const points = Math.min(this.config.rateLimitPerSecond, Math.floor(bytes / BYTES_A_POINT));
    if (points === 0) return;
    const { caller } = request;
    if (caller === undefined) await this.ofNetwork.charge(networkOf(request.ip), points);
    else if (isHeavy(request)) await this.work.charge(caller, points);
    else await this.ofAgent.charge(caller.agent, points);
  }

  /** A look-up counts against the network until the token turns out to be good. */
  private async identify(request: CallerRequest, token: string): Promise<void> {
    const network = networkOf(request.ip);
    const isKnown = this.goodBefore.has(token);
    const spending = isKnown ? null : await this.ofNetwork.spend(network);
    await this.identity.identify(request, token);
    this.goodBefore.delete(token);
    if (request.caller === undefined) return;
    if (spending !== null) await this.ofNetwork.giveBack(spending);
    this.remember(token);
  }

  /** Forgets the token that was used longest ago: a caller with many cannot make it forget those of others. */
  private remember(token: string): void {
    const [oldest] = this.goodBefore;
    if (this.goodBefore.size >= REMEMBERED && oldest !== undefined) this.goodBefore.delete(oldest);
    this.goodBefore.add(token);
  }
}

/** HEAD does all that GET does. */
function nameOf({ method, routeOptions: { url = '' } }: CallerRequest): string {
  return `${method === 'HEAD' ? 'GET' : method} ${url}`;
}

function costOf(request: CallerRequest): number {
  const cost = COSTS[nameOf(request)] ?? 1;
  return typeof cost === 'number' ? cost : cost(request);
}

/** One whose length is not told may be a whole file. */
function pointsOfPart({ headers }: CallerRequest): number {
  const bytes = Number(headers['content-length'] ?? Number.NaN);
  return Number.isNaN(bytes) ? FILE_POINTS : Math.min(FILE_POINTS, 1 + Math.ceil(bytes / FILE_BYTES_A_POINT));
}

function isHeavy(request: CallerRequest): boolean {
  return HEAVY.has(nameOf(request));
}

/** Charges each answer, before it is known whether there is room for it: the work is done. */
export function chargeAnswers(http: FastifyInstance, admission: Pick<Admission, 'chargeBytes'>): void {
  http.addHook('onSend', async (request, _reply, payload) => {
    const isWhole = typeof payload === 'string' || payload instanceof Buffer;
    if (isWhole) await admission.chargeBytes(request, Buffer.byteLength(payload));
    return payload;
  });
}
