import { type ActionRow, isAuthentic, signedActionFrom } from '@musubi/cell';
import { toBase64Url } from '@musubi/crypto';
import { type AgentPubKey, type HeldMessage, type MessageId } from '@musubi/messaging';
import { type LabNode } from '../node/lab-node.js';
import { type IntegrityReport } from '../report/report.js';
import { type Sent } from '../simulation/sent.js';
import { fewAtOnce } from './few-at-once.js';

interface Side {
  readonly times: number;
  readonly status: HeldMessage['status'] | null;
}

type Holdings = ReadonlyMap<MessageId, Side>;

const NOTHING: Side = { times: 0, status: null };
const PAGE = 200;
/** Agents who read at once: one is opening a page while another's is fetched. */
const READERS = 8;

/** What went wrong with one message; a message can go wrong in several ways. */
const KINDS = ['lost', 'doubled', 'phantom', 'orphan'] as const;
type Kind = (typeof KINDS)[number];

/**
 * Holds the run against what both sides hold, read page by page as any client reads. Call it when no act is under way.
 * A message whose author was told that it failed is not lost.
 */
export async function checkIntegrity(node: LabNode, sent: readonly Sent[]): Promise<IntegrityReport> {
  const holdings = await fewAtOnce(node.agents, READERS, (agent) => holdingsOf(node, agent));
  const side = (holder: number, id: MessageId): Side => holdings[holder]?.get(id) ?? NOTHING;
  const tally = new FaultTally();
  let [shown, failed] = [0, 0];
  for (const message of sent) {
    const sides = { author: side(message.from, message.id), recipient: side(message.to, message.id) };
    const isShown = isShownIn(sides);
    const isFailed = !isShown && (await node.hasFailed(message.from, message.id));
    shown += Number(isShown);
    failed += Number(isFailed);
    tally.take(message, sides, isFailed);
  }
  const chains = await chainFaults(node);
  return {
    messages: sent.length,
    acknowledged: sent.filter(({ isAcknowledged }) => isAcknowledged).length,
    shown,
    failed,
    ...tally.found,
    chainFaults: chains.length,
    witnesses: [...tally.witnesses, ...chains.slice(0, 1)],
  };
}

/** What went wrong, and the first case of each kind. */
class FaultTally {
  readonly found: Record<Kind, number> = { lost: 0, doubled: 0, phantom: 0, orphan: 0 };
  readonly witnesses: string[] = [];

  take(message: Sent, sides: Sides, isFailed: boolean): void {
    for (const kind of faultsOf(message, sides)) {
      if (kind === 'lost' && isFailed) continue;
      this.found[kind] += 1;
      if (this.found[kind] === 1) this.witnesses.push(witnessOf(kind, message, sides));
    }
  }
}

/** Whether no message was lost, doubled or falsely shown; that an author does not know of a delivery breaks nothing. */
export function holds({ lost, doubled, phantom, chainFaults: faults }: Gate): boolean {
  return lost + doubled + phantom + faults === 0;
}

type Gate = Pick<IntegrityReport, Exclude<Kind, 'orphan'> | 'chainFaults'>;

interface Sides {
  readonly author: Side;
  readonly recipient: Side;
}

function isShownIn({ author }: Sides): boolean {
  return author.status !== null && author.status !== 'saved';
}

function faultsOf({ isAcknowledged }: Sent, sides: Sides): readonly Kind[] {
  const { author, recipient } = sides;
  const isShown = isShownIn(sides);
  const isReceived = recipient.times > 0;
  const is: Readonly<Record<Kind, boolean>> = {
    lost: isAcknowledged && !(author.times > 0 && isReceived),
    doubled: Math.max(author.times, recipient.times) > 1,
    phantom: isShown && !isReceived,
    orphan: isReceived && !isShown,
  };
  return KINDS.filter((kind) => is[kind]);
}

function witnessOf(kind: Kind, { id, from, to }: Sent, { author, recipient }: Sides): string {
  const held = ({ times, status }: Side): string => (times === 0 ? 'nothing' : `${times} × ${status ?? '?'}`);
  return `${kind}: message ${id.slice(0, 8)} of agent ${from} to ${to}: author holds ${held(author)}, recipient ${held(recipient)}`;
}

async function holdingsOf({ strategy }: LabNode, holder: AgentPubKey): Promise<Holdings> {
  const held = new Map<MessageId, Side>();
  let query: Parameters<typeof strategy.messages.list>[1] | null = { anchor: { at: 'latest' }, limit: PAGE };
  while (query !== null) {
    const page = await strategy.messages.list(holder, query);
    for (const { message, status } of page.items) {
      held.set(message.id, { times: (held.get(message.id)?.times ?? 0) + 1, status });
    }
    query = page.next === null ? null : { anchor: { at: 'before', cursor: page.next }, limit: PAGE };
  }
  return held;
}

/** Gaps, forks and signatures that do not hold, over every chain there is. */
async function chainFaults({ db }: LabNode): Promise<readonly string[]> {
  const faults: string[] = [];
  const rows = await db.query<ActionRow[]>('select * from action order by space, author, seq');
  let [chain, last] = ['', { seq: -1, hash: null as string | null }];
  for (const row of rows) {
    const signed = signedActionFrom(row);
    const name = `${toBase64Url(row.space)}/${toBase64Url(row.author)}`;
    if (name !== chain) [chain, last] = [name, { seq: -1, hash: null }];
    const { seq, prev } = signed.action;
    if (seq !== last.seq + 1 || prev !== last.hash) faults.push(`chain ${name.slice(0, 8)} breaks at ${seq}`);
    if (!isAuthentic(signed)) faults.push(`chain ${name.slice(0, 8)} has a false signature at ${seq}`);
    last = { seq, hash: signed.hash };
  }
  return faults;
}
