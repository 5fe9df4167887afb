import { performance } from 'node:perf_hooks';
import { randomBytes } from '@musubi/crypto';
import {
  type AgentPubKey,
  type Guarantees,
  type MessageDraft,
  MessageNotFoundError,
  MessagingError,
  SystemClock,
} from '@musubi/messaging';
import { SeededRandom } from '@musubi/observers';
import { messageIdOf } from '@musubi/receipts';
import { LabNode } from '../node/lab-node.js';
import { type LabServer } from '../node/lab-server.js';
import { type Variant } from '../node/variants.js';
import { crawl } from './declared-crawl.js';

/** So many at once: where two would collide, some of these do. */
const CROWD = 8;
/** What is seen in none of these is taken not to happen. */
const ROUNDS = 2;
/** An agent may have this many clones here, where there are clones. Peers may use up half of them, so half is a crowd. */
const PEER_LIMIT = 2 * CROWD;
const PEERS = PEER_LIMIT + 2;
/** Of numbers of agents: everybody writes to the first. */
const HUB = 0;
const SENDERS = Array.from({ length: CROWD }, (_, index) => HUB + 1 + index);
const [ABSENT_AUTHOR, ABSENT_RECIPIENT] = [CROWD + 1, CROWD + 2];
/** It writes to all agents before it. */
const SOCIABLE = PEERS;
const AGENTS = SOCIABLE + 1;
/** Nobody waits for a call that is only slow: a refusal is looked for, not a timeout. */
const CALL_TIMEOUT_MS = 10_000;

/** What a placement declares, and for each field how often it was contradicted: never, where the promise is kept. */
export interface DeclaredFigures {
  readonly guarantees: Guarantees;
  readonly counts: Readonly<Record<keyof Guarantees, number>>;
}

/** Tries each promise of a placement on a node of its own, and asks the placement nothing but what it declares. */
export async function declaredFigures({
  server,
  variant,
}: {
  readonly server: LabServer;
  readonly variant: Variant;
}): Promise<DeclaredFigures> {
  const chance = new SeededRandom(1);
  const node = await LabNode.open({
    db: await server.open({ poolSize: 2 * CROWD + 4, isDurable: false }),
    variant,
    clock: new SystemClock(() => performance.timeOrigin + performance.now()),
    random: randomBytes,
    chance: () => chance.float(),
    callTimeoutMs: CALL_TIMEOUT_MS,
    cloneLimit: PEER_LIMIT,
  });
  try {
    await node.addAgents(AGENTS);
    const probe = new Probe(node);
    const counts = {
      concurrentReceive: await probe.refusedAtOnce(),
      concurrentSave: await probe.savesRefused(),
      offlineDelivery: await probe.undeliveredApart(),
      unboundedPeers: await probe.peersRefused(),
    };
    const { bodyBytes, namedTogether, sharedHashes } = await crawl(node);
    const strangers = { bodyStaysWithPair: bodyBytes, hidesPeers: namedTogether };
    return {
      guarantees: { ...node.strategy.guarantees },
      counts: { ...counts, ...strangers, unlinkableCopies: sharedHashes },
    };
  } finally {
    await node.close();
    await server.drop(node.db);
  }
}

/** Messages that put a promise to the test. */
class Probe {
  constructor(private readonly node: LabNode) {}

  /** @returns how many of the messages sent to one agent at one moment did not reach it */
  async refusedAtOnce(): Promise<number> {
    let refused = 0;
    for (let round = 0; round < ROUNDS && refused === 0; round += 1) {
      const drafts = SENDERS.map((sender) => this.node.draft(sender, HUB, `at once ${round}`));
      refused = count(await this.arrived(drafts, await this.attempted(drafts)), false);
    }
    return refused;
  }

  /** @returns how many of one author's saves at one moment did not land */
  async savesRefused(): Promise<number> {
    const [author = HUB] = SENDERS;
    const drafts = SENDERS.map((_, index) => this.node.draft(author, HUB, `save ${index}`));
    const results = await Promise.all(drafts.map((draft) => isDone(this.node.strategy.save(draft))));
    await this.node.whenIdle();
    return count(results, false);
  }

  /** @returns how many messages did not arrive: their author is away before their recipient comes */
  async undeliveredApart(): Promise<number> {
    const { node } = this;
    const [author, recipient] = [node.agent(ABSENT_AUTHOR), node.agent(ABSENT_RECIPIENT)];
    const draft = node.draft(ABSENT_AUTHOR, ABSENT_RECIPIENT, 'while you were out');
    await node.goOffline(recipient);
    const isSaved = await isDone(node.strategy.save(draft));
    if (isSaved && node.variant.act === 'stepwise') await node.attempt(author, messageIdOf(draft));
    await node.whenIdle();
    await node.goOffline(author);
    await node.comeBack(recipient);
    await node.whenIdle();
    const isHeld = await this.holds(recipient, draft);
    await node.comeBack(author);
    return count([isHeld], false);
  }

  /** @returns how many of an agent's peers it could not write to */
  async peersRefused(): Promise<number> {
    const { node } = this;
    let refused = 0;
    for (let peer = 0; peer < PEERS; peer += 1) {
      const isSaved = await isDone(node.strategy.save(node.draft(SOCIABLE, peer, 'a first message')));
      if (!isSaved) refused += 1;
    }
    await node.whenIdle();
    return refused;
  }

  /** Each step of all at once. @returns whether each was done, and not refused */
  private async attempted(drafts: readonly MessageDraft[]): Promise<readonly boolean[]> {
    const { strategy, variant } = this.node;
    const isSaved = await Promise.all(drafts.map((draft) => isDone(strategy.save(draft))));
    if (variant.act === 'in-save') return isSaved;
    const send = async (draft: MessageDraft, index: number): Promise<boolean> =>
      isSaved[index] === true &&
      (await isDone(strategy.send({ holder: draft.author, message: messageIdOf(draft) })));
    return Promise.all(drafts.map(send));
  }

  /** Reads what arrived, as people do. @returns whether each was accepted and has arrived */
  private async arrived(
    drafts: readonly MessageDraft[],
    isAccepted: readonly boolean[],
  ): Promise<readonly boolean[]> {
    const hub = this.node.agent(HUB);
    await this.node.whenIdle();
    const isHeld: boolean[] = [];
    for (const [index, draft] of drafts.entries()) {
      isHeld.push(isAccepted[index] === true && (await this.holds(hub, draft)));
      if (isHeld.at(-1) === true) await this.read(hub, draft);
    }
    await this.node.whenIdle();
    return isHeld;
  }

  private async read(holder: AgentPubKey, draft: MessageDraft): Promise<void> {
    const ref = { holder, message: messageIdOf(draft) };
    await this.node.strategy.read(ref);
    await this.node.strategy.sendReceipt(ref);
  }

  private async holds(holder: AgentPubKey, draft: MessageDraft): Promise<boolean> {
    try {
      await this.node.strategy.messages.find({ holder, message: messageIdOf(draft) });
      return true;
    } catch (error) {
      if (error instanceof MessageNotFoundError) return false;
      throw error;
    }
  }
}

/** @returns whether it was done, or refused; what is no refusal is thrown */
async function isDone(step: Promise<unknown>): Promise<boolean> {
  try {
    await step;
    return true;
  } catch (error) {
    if (error instanceof MessagingError) return false;
    throw error;
  }
}

function count(values: readonly boolean[], wanted: boolean): number {
  return values.filter((value) => value === wanted).length;
}
