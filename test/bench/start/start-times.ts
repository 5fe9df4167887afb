import { KeyStore, Keyring, Writers } from '@musubi/cell';
import { type AgentKeys, INTERACTIVE_COST, fromBase64Url, randomBytes, toBase64Url } from '@musubi/crypto';
import { writeAtOnce } from '@musubi/database';
import { type TestDatabase } from '@musubi/database/testing';
import { History } from '@musubi/history';
import {
  type AgentPubKey,
  type MessageDraft,
  STRATEGY_NAMES,
  parseAgentPubKey,
  parseNonce,
  parseSpaceId,
  parseTimestamp,
} from '@musubi/messaging';
import { ReceiptNotary, messageIdOf } from '@musubi/receipts';
import { type Agent, Client } from '../../../apps/api/test/support/client.js';
import { NODE_SECRET, openService } from '../../../apps/api/test/support/open-service.js';
import { p50 } from '../figures.js';

const NOON = 1_795_435_200_000_000;
const MINUTE_US = 60_000_000;
const BATCH = 500;
const UNREAD = 20;
const NONCE_BYTES = 16;
const KEY_BYTES = 32;
const SPACE = parseSpaceId(toBase64Url(new Uint8Array(KEY_BYTES).fill(1)));

export interface StartSettings {
  readonly sizes: readonly [few: Size, many: Size];
  readonly calls: number;
}

interface Size {
  readonly contacts: number;
  /** In all, on the three placements. */
  readonly messages: number;
}

export interface StartReport {
  readonly settings: StartSettings;
  /** Of the first call, which numbers all changes that were never asked for. */
  readonly firstMs: readonly [few: number, many: number];
  /** Medians of the later ones. */
  readonly ms: readonly [few: number, many: number];
  readonly ratio: number;
}

/** Calls `GET /v1/start` for an agent with little and for one with much, in turn. */
export async function measureStarts(settings: StartSettings, signal: AbortSignal): Promise<StartReport> {
  const service = await openService({ AGENTS_PER_DAY: '100', DATABASE_POOL: '8' });
  try {
    const client = new Client(service.url);
    const agents: Agent[] = [];
    for (const size of settings.sizes) {
      const agent = await client.newAgent('holder');
      await populate(service.database, agent.agent, size, signal);
      agents.push(agent);
    }
    await service.database.dataSource.query('vacuum analyze');
    const firstMs: number[] = [];
    for (const agent of agents) firstMs.push(await timeOf(client, agent));
    const times = agents.map((): number[] => []);
    for (let call = 0; call < settings.calls; call += 1) {
      signal.throwIfAborted();
      for (const [index, agent] of agents.entries()) times[index]?.push(await timeOf(client, agent));
    }
    return reportOf(settings, firstMs, times.map(p50));
  } finally {
    await service.close();
  }
}

function reportOf(
  settings: StartSettings,
  [firstOfFew = NaN, firstOfMany = NaN]: readonly number[],
  [few = NaN, many = NaN]: readonly number[],
): StartReport {
  return { settings, firstMs: [firstOfFew, firstOfMany], ms: [few, many], ratio: many / few };
}

async function timeOf(client: Client, { token }: Agent): Promise<number> {
  const began = performance.now();
  for (;;) {
    const answer = await client.request('/v1/start', { token });
    await answer.arrayBuffer();
    if (answer.status === 200) return performance.now() - began;
    if (answer.status !== 429) throw new Error(`the start was answered with ${answer.status}`);
  }
}

/** Contacts with petnames, and messages that each of them wrote, the latest of which are unread. */
async function populate(
  { dataSource: db }: TestDatabase,
  agent: string,
  { contacts, messages }: Size,
  signal: AbortSignal,
): Promise<void> {
  const nodeKey = fromBase64Url(NODE_SECRET);
  const keyring = new Keyring({
    store: new KeyStore(db),
    nodeKey,
    cost: INTERACTIVE_COST,
    random: randomBytes,
  });
  const holder = parseAgentPubKey(agent);
  if (!(await keyring.unlockIfUnattended(holder))) throw new Error('the agent is attended');
  const keys = keyring.keysOf(holder);
  const writers = new Writers({ db, keyring, ownsDatabase: false });
  const peers: AgentPubKey[] = [];
  while (peers.length < contacts) {
    const peer = await keyring.create();
    peers.push(peer.agent);
    await writers.contacts.add(holder, peer.agent, contacts);
    await writers.details.change(holder, peer.agent, { petname: `friend ${peers.length}` });
  }
  const each = Math.ceil(messages / STRATEGY_NAMES.length);
  for (const strategy of STRATEGY_NAMES) {
    const history = new History(db, keyring, strategy);
    for (let from = 0; from < each; from += BATCH) {
      signal.throwIfAborted();
      const numbers = Array.from({ length: Math.min(BATCH, each - from) }, (_, index) => from + index);
      await writeBatch({ history, notary: new ReceiptNotary(keyring), keys, peers, last: each - 1 }, numbers);
    }
  }
}

interface Batch {
  readonly history: History;
  readonly notary: ReceiptNotary;
  readonly keys: AgentKeys;
  readonly peers: readonly AgentPubKey[];
  readonly last: number;
}

async function writeBatch(
  { history, notary, keys, peers, last }: Batch,
  numbers: readonly number[],
): Promise<void> {
  const rows = numbers.flatMap((number) => {
    const message = draftOf(keys.agent, peers, number);
    const opening = { message: messageIdOf(message), at: message.sentAt, space: SPACE };
    const receipts = [
      notary.signReceipt({ ...opening, status: 'saved', by: message.author }),
      notary.signReceipt({ ...opening, status: 'delivered', by: keys.agent }),
    ].map((receipt) => ({ receipt, place: null }));
    const [row, receipt, ...marks] = history.rowsOf(keys, { message, receipts });
    const isUnread = last - number < UNREAD;
    return [row, receipt, ...(isUnread ? marks : [])].filter((part) => part !== undefined);
  });
  await writeAtOnce(history.db, rows);
}

/** Peers take turns in no order, so that the latest messages are of some of them. */
function draftOf(recipient: AgentPubKey, peers: readonly AgentPubKey[], number: number): MessageDraft {
  const author = peers[(number * 7919) % peers.length];
  if (author === undefined) throw new Error('there are no contacts');
  return {
    author,
    recipient,
    payload: { type: 'text', text: `the message with the number ${number}` },
    replyTo: null,
    sentAt: parseTimestamp(NOON + number * MINUTE_US),
    nonce: parseNonce(toBase64Url(randomBytes(NONCE_BYTES))),
  };
}
