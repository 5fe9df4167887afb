import { expect } from '@jest/globals';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { STRATEGY_NAMES, type StrategyName } from '@musubi/messaging';
import { serviceDatabase } from '../../apps/api/src/node/database.js';
import { type Agent, Client } from '../../apps/api/test/support/client.js';
import { type ServiceProcess, startServiceProcess } from '../../apps/api/test/support/service-process.js';

const NODE_SECRET = `${'b'.repeat(42)}A`;

/** The answer tells how the first attempt ended, also on a busy machine. */
export const PATIENTLY = { headers: { prefer: 'wait=30' } } as const;

export interface Sent {
  readonly strategy: StrategyName;
  readonly author: Agent;
  readonly recipient: Agent;
  readonly id: string;
}

/** How long a taken step is its taker's alone: twice the time of a call. */
const LEASE_MS = 60_000;

/**
 * Notes in a table of its own each time that a worker takes a step. Taking a step leases it and leaves its attempts;
 * no worker may take it again before the attempt has been counted, or the step is done. The exception is a step whose
 * recipient was heard from: it is due at once, even while another worker has it. A step that is put off with others waits for much less
 * than a lease in these tests.
 */
const NOTE_CLAIMS = `
  create table claim (step text, attempt integer, is_heard boolean);
  create function note_claim() returns trigger language plpgsql as $$
  begin
    insert into claim values (encode(new.holder || new.key, 'hex') || new.placement || new.step, new.attempt, old.due_at = 0);
    return null;
  end $$;
  create trigger note_claim after update on outbox for each row
    when (old.attempt = new.attempt and new.due_at > old.due_at
      and new.due_at > (extract(epoch from clock_timestamp()) * 1000 + ${(LEASE_MS * 3) / 4}) * 1000)
    execute function note_claim()`;

/** Actions that do not follow the one before them on their chain, and heads that are not the last action. */
const BROKEN_CHAINS = `
  select (select count(*) from action later where seq > 0 and not exists (
            select from action earlier where earlier.space = later.space and earlier.author = later.author
            and earlier.seq = later.seq - 1 and earlier.hash = later.prev_hash))
       + (select count(*) from chain_head head where not exists (
            select from action last where last.space = head.space and last.author = head.author
            and last.seq = head.seq and last.hash = head.hash)
          or exists (
            select from action beyond where beyond.space = head.space and beyond.author = head.author
            and beyond.seq > head.seq))
    as broken`;

/** Two API processes on one database. */
export class TwoProcesses {
  private constructor(
    readonly database: TestDatabase,
    readonly services: readonly [ServiceProcess, ServiceProcess],
    readonly clients: readonly [Client, Client],
    /** Unattended, and therefore online in both. */
    readonly agents: readonly Agent[],
  ) {}

  /** The second process starts after so many agents were made in the first, and so has their keys as well. */
  static async open(
    count: number,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<TwoProcesses> {
    const database = await openTestDatabase(serviceDatabase, { poolSize: 2 });
    await database.dataSource.query(NOTE_CLAIMS);
    const start = (): Promise<ServiceProcess> =>
      startServiceProcess({
        PORT: '0',
        DATABASE_URL: database.url,
        NODE_SECRET,
        LOG_LEVEL: 'warn',
        RATE_LIMIT_PER_SECOND: '10000',
        DATABASE_POOL: '8',
        MAILBOX_POLL_MS: '1000',
        // No lease may end within a test: then another worker may rightly take a step.
        REMOTE_CALL_TIMEOUT_MS: String(LEASE_MS / 2),
        ...environment,
      });
    const first = await start();
    const client = new Client(first.url);
    const agents: Agent[] = [];
    for (let index = 0; index < count; index += 1) agents.push(await client.newAgent(`agent ${index}`));
    const second = await start();
    return new TwoProcesses(database, [first, second], [client, new Client(second.url)], agents);
  }

  /** @returns the exit codes */
  async close(): Promise<readonly (number | null)[]> {
    const codes = await Promise.all(this.services.map((service) => service.end('SIGTERM')));
    await this.database.close();
    return codes;
  }

  /** So many messages at once: on each placement, by each author, through both processes. */
  sendAtOnce(
    count: number,
    authors: readonly Agent[],
    recipients: readonly Agent[],
  ): Promise<readonly Sent[]> {
    return Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const strategy = at(STRATEGY_NAMES, index);
        const author = at(authors, Math.floor(index / 3));
        const recipient = at(recipients, Math.floor(index / 5));
        const client = at(this.clients, Math.floor(index / 7));
        const { id } = await client.send(strategy, author, recipient, { text: `message ${index}` });
        return { strategy, author, recipient, id };
      }),
    );
  }

  /** Each is delivered, and its author and its recipient hold it once; nothing is pending any more. */
  async expectAllOnce(sent: readonly Sent[]): Promise<void> {
    for (const strategy of STRATEGY_NAMES) {
      const ofStrategy = sent.filter((one) => one.strategy === strategy);
      for (const agent of new Set(sent.flatMap(({ author, recipient }) => [author, recipient]))) {
        const expected = ofStrategy.filter((one) => one.author === agent || one.recipient === agent);
        for (const client of this.clients) {
          const path = `/v1/strategies/${strategy}/messages?limit=200`;
          const { items } = await client.get('messages', path, { token: agent.token });
          const delivered = items.filter(({ status }) => status === 'delivered').map(({ id }) => id);
          expect(delivered.toSorted()).toEqual(expected.map(({ id }) => id).toSorted());
        }
      }
    }
    expect(await this.count('select count(*) as count from outbox')).toBe(0);
  }

  /** No chain forks, and no worker has taken a step that another had. */
  async expectNoneTwice(): Promise<void> {
    const claims = 'select count(*) - count(distinct (step, attempt)) as count from claim where not is_heard';
    expect(await this.count(claims)).toBe(0);
    const [row] = await this.database.dataSource.query<{ broken: string }[]>(BROKEN_CHAINS);
    expect(row).toEqual({ broken: '0' });
  }

  async count(sql: string): Promise<number> {
    const [row] = await this.database.dataSource.query<{ count: string }[]>(sql);
    return Number(row?.count);
  }
}

function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index % items.length];
  if (item === undefined) throw new Error('nothing to choose from');
  return item;
}
