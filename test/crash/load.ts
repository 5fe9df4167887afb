import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { type Copy, type SentMessage, auditMessages } from '@musubi/audit';
import {
  type AgentPubKey,
  STRATEGY_NAMES,
  type StrategyName,
  parseAgentPubKey,
  parseMessageId,
} from '@musubi/messaging';
import { type Agent, Client, type MessageJson } from '../../apps/api/test/support/client.js';
import { copyShown, messagesOf } from '../support/held-over-rest.js';
import { PATIENCE_MS } from '../support/patience.js';
import { until } from '../support/until.js';

/** `npm run test:crash` asks for more. */
export const CRASHES = Number(process.env['MUSUBI_CRASHES'] ?? 1);
/** How long a test takes whose every crash hangs until its end: many crashes take longer than one test may. */
export const crashesWithin = (crashes: number): number => (crashes + 1) * 5 * PATIENCE_MS;

const SENDERS = 4;
const LONGEST_LOAD_MS = 1500;
const PAUSE_AFTER_REFUSAL_MS = 20;

/** Short leases and polls, so that what was under way is taken up within seconds. */
export const IMPATIENT = {
  PORT: '0',
  LOG_LEVEL: 'error',
  RATE_LIMIT_PER_SECOND: '10000',
  REMOTE_CALL_TIMEOUT_MS: '500',
  MAILBOX_POLL_MS: '500',
} as const;

/** Any moment under load will do, once every sender may have had an answer; a different one each time. */
export async function untilMoment(load: Load, index: number, of: number): Promise<void> {
  const before = load.acknowledged.length;
  await until(() => {
    expect(load.acknowledged.length).toBeGreaterThan(before + SENDERS);
    return Promise.resolve();
  });
  await sleep((LONGEST_LOAD_MS * (index + 1)) / of);
}

/** Many who write to one. */
export interface Correspondents {
  readonly senders: readonly Agent[];
  readonly bob: Agent;
}

export async function gather(client: Client): Promise<Correspondents> {
  const bob = await client.newAgent('bob');
  const senders: Agent[] = [];
  for (let index = 0; index < SENDERS; index += 1) senders.push(await client.newAgent(`sender ${index}`));
  return { senders, bob };
}

interface Acknowledged {
  readonly strategy: StrategyName;
  readonly author: Agent;
  readonly id: string;
}

/** An answer that was no acknowledgement. */
interface Refusal {
  readonly status: number;
  readonly body: unknown;
}

/** Everybody sends to one, without a pause, until told to stop or until the service is gone. */
export class Load {
  readonly acknowledged: Acknowledged[] = [];
  readonly refusals: Refusal[] = [];
  private readonly stopping = new AbortController();
  private running: readonly Promise<void>[] = [];

  constructor(
    private readonly correspondents: Correspondents,
    /** What a sender says of how long it waits for delivery. */
    private readonly prefer = 'respond-async',
    private readonly strategies: readonly StrategyName[] = STRATEGY_NAMES,
  ) {}

  start(url: string): void {
    const client = new Client(url);
    this.running = this.correspondents.senders.map((sender) => this.sendOn(client, sender));
  }

  /** Resolves when every request has had its end. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.ended();
  }

  /** Resolves when the service is gone. */
  async ended(): Promise<void> {
    await Promise.all(this.running);
  }

  private async sendOn(client: Client, author: Agent): Promise<void> {
    for (let turn = 0; !this.stopping.signal.aborted; turn += 1) {
      const strategy = this.strategies[turn % this.strategies.length] ?? 'source-chain';
      const answer = await this.sendOnce(client, strategy, author).catch(() => null);
      if (answer === null) return;
      if ('id' in answer) this.acknowledged.push({ strategy, author, id: answer.id });
      else {
        this.refusals.push(answer);
        await sleep(PAUSE_AFTER_REFUSAL_MS);
      }
    }
  }

  /** Rejects when the answer did not arrive. */
  private async sendOnce(
    client: Client,
    strategy: StrategyName,
    author: Agent,
  ): Promise<{ readonly id: string } | Refusal> {
    const response = await client.request(`/v1/strategies/${strategy}/messages`, {
      token: author.token,
      headers: { prefer: this.prefer },
      body: { to: this.correspondents.bob.agent, payload: { type: 'text', text: 'hello' } },
    });
    const body: unknown = await response.json();
    if (response.status !== 201) return { status: response.status, body };
    return { id: (body as MessageJson).id };
  }
}

export interface Between {
  /** Where the one is whom they write to, when that is another node. */
  readonly bobAt?: Client;
  readonly strategies?: readonly StrategyName[];
}

/** What authors hold and what was acknowledged is delivered once, with signed receipts; and nothing else is there. */
export async function expectAllOnce(
  client: Client,
  { senders, bob }: Correspondents,
  acknowledged: readonly Acknowledged[],
  { bobAt = client, strategies = STRATEGY_NAMES }: Between = {},
): Promise<void> {
  for (const strategy of strategies) {
    const copies: Copy[] = [];
    for (const agent of [...senders, bob]) {
      const messages = await messagesOf(agent === bob ? bobAt : client, strategy, agent);
      copies.push(...messages.map((message) => copyShown(agent, message)));
    }
    const promised = acknowledged.filter((answer) => answer.strategy === strategy);
    const sent = sentBy(promised, copies, parseAgentPubKey(bob.agent));
    const { faults, shown } = auditMessages(sent, copies);
    expect(faults).toEqual([]);
    expect(sent.filter(({ id }) => !shown.has(id))).toEqual([]);
  }
}

/** A crash takes answers away: besides what was acknowledged, all that an author holds was sent. */
function sentBy(
  acknowledged: readonly Acknowledged[],
  copies: readonly Copy[],
  recipient: AgentPubKey,
): readonly SentMessage[] {
  const promised = new Map(acknowledged.map(({ id, author }) => [parseMessageId(id), author.agent]));
  const authors = new Map(
    copies.filter(({ holder }) => holder !== recipient).map(({ id, holder }) => [id, holder]),
  );
  for (const [id, author] of promised) authors.set(id, parseAgentPubKey(author));
  return [...authors].map(([id, author]) => ({ id, author, recipient, isAcknowledged: promised.has(id) }));
}
