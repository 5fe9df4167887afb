import { DhtFeed } from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import { type Rows } from '@musubi/database';
import { type AgentPubKey, type Clock, type Day, addDays, dayOf } from '@musubi/messaging';
import { type DataSource } from 'typeorm';
import { GLOBAL_DHT_SPACE } from './addressing/addressing.js';
import { OnlineAgents, type OnlineAgentsParts } from './online-agents.js';
import { PeriodKeeper } from './period-keeper.js';

interface MailboxRoundsParts extends Omit<OnlineAgentsParts, 'feed'> {
  readonly db: DataSource;
  readonly clock: Clock;
}

/**
 * How the cells of this process learn of letters. Authorities push when a link is added; what a push lost is found in
 * the feed of what was newly published, which one question a round asks for all agents. An agent that comes looks at the
 * days on which letters were published since its mark, whichever these are: nothing here depends on a clock that is right.
 * One thing is done at a time, each in small pieces.
 */
export class MailboxRounds {
  private readonly agents: OnlineAgents;
  private readonly feed: DhtFeed;
  private readonly periods: PeriodKeeper;
  /** The days of letters that were published lately. */
  private published: readonly Day[] = [];
  private look: 'due' | 'under way' | 'over' = 'due';
  /** The days of letters that were published while a look is under way: it may be about to let go of one. */
  private readonly meanwhile = new Set<Day>();
  private isMarkDue = false;
  private readonly stopping = new AbortController();
  private polling: Promise<void> = Promise.resolve();
  private running: Promise<void> | null = null;

  constructor(private readonly parts: MailboxRoundsParts) {
    const { db, log, clock, marks } = parts;
    this.feed = new DhtFeed(db, GLOBAL_DHT_SPACE);
    this.agents = new OnlineAgents({ ...parts, feed: this.feed });
    this.periods = new PeriodKeeper({ feed: this.feed, marks, log, clock });
  }

  /** Looks around once, and then again and again. @param pollMs how often; never again for `null` */
  async start(pollMs: number | null): Promise<void> {
    await this.poll(0);
    if (pollMs !== null) this.polling = this.pollEvery(pollMs);
  }

  /** Watches for an agent from now on. Its mailboxes are looked at in the background. */
  activate(keys: AgentKeys): void {
    if (this.isClosed) return;
    this.agents.add(keys, (peer) => this.welcome(keys, peer));
    this.work();
  }

  deactivate(agent: AgentPubKey): Promise<void> {
    return this.agents.remove(agent);
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.agents.all.map(({ keys }) => this.deactivate(keys.agent)));
    await this.running;
    await this.polling;
  }

  /** Notes that a new agent has nothing to read yet. Without a note it looks at everything when it comes. */
  beginning(keys: AgentKeys): readonly Rows[] {
    const period = this.periods.known;
    return period === null ? [] : this.parts.marks.beginning({ keys, period });
  }

  knows(agent: AgentPubKey, peer: AgentPubKey): boolean {
    return this.agents.get(agent)?.knows(peer) === true;
  }

  /** Watches for letters of that peer too. */
  expect(agent: AgentPubKey, peer: AgentPubKey): void {
    this.agents.meet(agent, peer);
    this.work();
  }

  /** Something was published that shows those days: unless they are watched, the feed is asked at once. */
  notePublished(days: Iterable<Day>): void {
    if (this.look === 'under way') for (const day of days) this.meanwhile.add(day);
    else if (![...days].every((day) => this.agents.watchesDay(day))) {
      this.look = 'due';
      this.work();
    }
  }

  /** Watches the days around today: what a poll does too. */
  turn(): void {
    this.watchDays();
    this.work();
  }

  /** Looks for what pushes lost, and moves on with the days. @param elapsedMs since the last time, by a steady clock */
  async poll(elapsedMs: number): Promise<void> {
    this.periods.pass(elapsedMs);
    this.look = 'due';
    this.work();
    await this.running;
  }

  /** Reads all mailboxes again in which that peer may write to the agent. */
  async readAgain(agent: AgentPubKey, peer: AgentPubKey): Promise<void> {
    await this.poll(0);
    const watch = this.agents.get(agent);
    if (watch === undefined) return;
    for (const mailbox of watch.mailboxesFrom(peer)) {
      watch.reader.at(mailbox, (opened) => {
        opened.readAgain();
      });
    }
    await watch.reader.whenIdle();
  }

  /** That peer, or anybody for `null`, may write to the agent who could not: looks at what was found, and dropped. */
  async lookAgain(agent: AgentPubKey, peer: AgentPubKey | null): Promise<void> {
    const all = await this.feed.daysSince(0);
    this.agents.lookAgain(agent, peer, [...new Set(all.map(({ day }) => day))]);
    this.work();
  }

  /** Resolves when everything that is known to be due has been read. */
  async whenIdle(): Promise<void> {
    do {
      await this.running;
      await Promise.all(this.agents.all.map(({ reader }) => reader.whenIdle()));
    } while (this.running !== null);
  }

  private async welcome(keys: AgentKeys, peer: AgentPubKey): Promise<void> {
    const { contacts } = this.parts;
    // Contact requests of these days are read again whenever the agent comes.
    if (this.knows(keys.agent, peer) && contacts.remembersRequest(keys, peer)) return;
    await contacts.addRequester(keys, peer);
    this.expect(keys.agent, peer);
  }

  private get isClosed(): boolean {
    return this.stopping.signal.aborted;
  }

  private async pollEvery(pollMs: number): Promise<void> {
    for (;;) {
      await this.parts.clock.sleep(pollMs, this.stopping.signal);
      if (this.isClosed) return;
      await this.poll(pollMs);
    }
  }

  private work(): void {
    this.running ??= this.run();
  }

  /** What fails is taken up again by the next poll. */
  private async run(): Promise<void> {
    await Promise.resolve();
    try {
      while (!this.isClosed && (await this.doNext()));
    } catch (error) {
      const name = error instanceof Error ? error.name : typeof error;
      if (!this.isClosed) this.parts.log.warn('mailbox-round-failed', { error: name });
      this.look = 'due';
    }
    this.running = null;
  }

  /** @returns false when there is nothing to do */
  private async doNext(): Promise<boolean> {
    if (this.look === 'due') await this.lookAround();
    else if (await this.agents.doNext()) return true;
    else if (this.isMarkDue) {
      this.isMarkDue = false;
      await this.periods.note(this.agents.all);
    } else return false;
    return true;
  }

  private async lookAround(): Promise<void> {
    this.look = 'under way';
    const isWhole = await this.feed.read((arrival) => {
      this.agents.take(arrival);
    });
    if (!isWhole) {
      this.parts.log.warn('mailbox-feed-lost');
      this.agents.startOver();
    }
    await this.agents.goOver();
    const { days } = await this.periods.look();
    this.tellOfDaysAhead(days);
    this.published = days;
    this.watchDays();
    await this.periods.moveOn();
    this.parts.dht.notePeriod();
    this.isMarkDue = true;
    this.endLook();
  }

  private endLook(): void {
    const isAllWatched = [...this.meanwhile].every((day) => this.agents.watchesDay(day));
    this.meanwhile.clear();
    if (this.look === 'under way') this.look = isAllWatched ? 'over' : 'due';
  }

  private watchDays(): void {
    const today = dayOf(this.parts.clock.now());
    this.agents.watchDays([...new Set([today, addDays(today, 1), ...this.published])]);
  }

  /** Somebody's clock is wrong, or this one's. */
  private tellOfDaysAhead(days: readonly Day[]): void {
    const today = dayOf(this.parts.clock.now());
    const ahead = days.filter((day) => day > addDays(today, 1) && !this.published.includes(day));
    if (ahead.length === 0) return;
    this.parts.log.warn('mailbox-letters-ahead', { days: Math.max(...ahead) - today });
  }
}
