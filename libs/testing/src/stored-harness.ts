import { Readable } from 'node:stream';
import { readChains, viewOfChain } from '@musubi/cell';
import {
  type ConformanceHarness,
  type ConformanceSubject,
  type StrangerRecord,
  type SubjectOptions,
} from '@musubi/conformance';
import { randomBytes, toBase64Url } from '@musubi/crypto';
import { type DatabaseParts } from '@musubi/database';
import { type TestDatabase } from '@musubi/database/testing';
import {
  type AgentPubKey,
  type Clock,
  type MessageDraft,
  type MessageQuery,
  type MessagingStrategy,
  parseNonce,
  parseSpaceId,
} from '@musubi/messaging';
import { ReceiptNotary } from '@musubi/receipts';
import { explainReads } from './explain.js';
import { type TestNode, nodeOn, openNodeDatabase } from './test-node.js';

/** What differs between the placements when they are looked at from outside the port. */
export interface Subject {
  readonly strategy: MessagingStrategy;
  /** The names under which an agent writes chains, given every agent there is. */
  namesOf(agent: AgentPubKey, everybody: readonly AgentPubKey[]): readonly AgentPubKey[];
  readonly handInMessage: ConformanceHarness['handInMessage'];
  readonly handInReceipt: ConformanceHarness['handInReceipt'];
  strangerRecords(): Promise<readonly StrangerRecord[]>;
  /** The remote function that brings a chunk of a file; absent where none does. */
  readonly receiveChunk?: string;
  /** Looks again at what an author had published before it might write; absent where nothing is published. */
  lookAgain?(holder: AgentPubKey, author: AgentPubKey): Promise<void>;
  /** Waits until nothing is under way that no caller waits for; absent where there never is. */
  whenIdle?(): Promise<void>;
}

/** Runs a suite on one real database, with a new node for each case. */
export function storedSubject(
  parts: readonly DatabaseParts[],
  open: (node: TestNode, options: SubjectOptions) => Promise<Subject>,
): ConformanceSubject {
  let database: Promise<TestDatabase> | undefined;
  return {
    async open(options) {
      database ??= openNodeDatabase(parts);
      const stored = await database;
      const variant = { ordering: options.ordering, nodeKey: randomBytes(32) };
      const opened = async (everybody: AgentPubKey[]): Promise<ConformanceHarness> => {
        const node = await nodeOn(stored, variant);
        const subject = await open(node, options);
        return storedHarness({ node, subject, everybody, openAgain: () => opened(everybody) });
      };
      return opened([]);
    },
    async close() {
      await (await database)?.close();
    },
  };
}

interface StoredParts {
  readonly node: TestNode;
  readonly subject: Subject;
  /** Every agent there is. */
  readonly everybody: AgentPubKey[];
  /** A harness with a node of its own on the same database, and the same agents, all of them offline. */
  readonly openAgain: () => Promise<ConformanceHarness>;
}

/** A conformance harness over a real database, for any strategy whose agents have cells. */
function storedHarness({ node, subject, everybody, openAgain }: StoredParts): ConformanceHarness {
  const { strategy } = subject;
  const { keyring, clock, db } = node.context;
  const close = async (): Promise<void> => {
    await strategy.destroy();
    await node.close();
  };
  return {
    strategy,
    clock,
    foreignSpace: parseSpaceId(toBase64Url(randomBytes(32))),
    notary: new ReceiptNotary(keyring),
    ...presenceOf(node, strategy, everybody),
    whenIdle: () => subject.whenIdle?.() ?? Promise.resolve(),
    draft: draftingBy(clock),
    chainsOf: async (agent) =>
      (await readChains(db, subject.namesOf(agent, everybody))).map((chain) => viewOfChain(chain)),
    storedCount: () => countRows(node),
    failNextCommit: () => {
      node.commitFaults.set([{ fault: { kind: 'commit-fails' }, times: 1 }]);
    },
    handInMessage: (caller, recipient, signed) => subject.handInMessage(caller, recipient, signed),
    handInReceipt: (caller, author, receipt) => subject.handInReceipt(caller, author, receipt),
    ...filesOf(node, subject),
    ...peopleOf(node, subject),
    strangerRecords: () => subject.strangerRecords(),
    explain: (holder: AgentPubKey, query: MessageQuery) =>
      explainReads(db, () => strategy.messages.list(holder, query)),
    reopen: async () => {
      const online = keyring.online();
      await close();
      return withOnline(await openAgain(), online);
    },
    close,
  };
}

function filesOf(
  { context: { files, keyring }, networkFaults }: TestNode,
  { receiveChunk: fn }: Subject,
): Pick<ConformanceHarness, 'upload' | 'contentOf' | 'loseThirdChunk'> {
  return {
    upload: (holder, bytes) =>
      files.upload(keyring.keysOf(holder), {
        name: 'a file.bin',
        mediaType: 'application/octet-stream',
        size: bytes.length,
        content: Readable.from([bytes]),
        check: () => undefined,
      }),
    async contentOf(holder, file) {
      const keys = keyring.keysOf(holder);
      const held = await files.find(keys, file.id);
      const parts: Uint8Array[] = [];
      for await (const part of files.bytes(keys, held, { first: 0, last: file.size - 1 }))
        parts.push(part.slice());
      return Buffer.concat(parts);
    },
    loseThirdChunk: () => {
      if (fn === undefined) {
        networkFaults.set([{ fault: { kind: 'not-sent' } }]);
        return null;
      }
      let calls = 0;
      const lot = (): number => {
        calls += 1;
        return calls === 3 ? 0 : 1;
      };
      networkFaults.set([{ fn, fault: { kind: 'reply-lost' }, probability: 0.5 }], lot);
      return () => calls;
    },
  };
}

function peopleOf(
  { context: { writers } }: TestNode,
  subject: Subject,
): Pick<ConformanceHarness, 'tellReading' | 'block' | 'unblock'> {
  return {
    tellReading: (reader, isTold) => writers.reading.tell(reader, isTold),
    block: async (holder, author) => {
      await writers.block(holder, author);
    },
    unblock: async (holder, author) => {
      await writers.unblock(holder, author);
      await subject.lookAgain?.(holder, author);
    },
  };
}

function draftingBy(clock: Clock): ConformanceHarness['draft'] {
  return (author, recipient, text = 'hello'): MessageDraft => ({
    author,
    recipient,
    payload: { type: 'text', text },
    replyTo: null,
    sentAt: clock.now(),
    nonce: parseNonce(toBase64Url(randomBytes(16))),
  });
}

async function withOnline(
  harness: ConformanceHarness,
  agents: readonly AgentPubKey[],
): Promise<ConformanceHarness> {
  for (const agent of agents) await harness.goOnline(agent);
  return harness;
}

/** How agents are made, leave and return; each new agent is added to `everybody`. */
function presenceOf(
  { context: { keyring } }: TestNode,
  strategy: MessagingStrategy,
  everybody: AgentPubKey[],
): Pick<ConformanceHarness, 'newAgent' | 'goOffline' | 'goOnline'> {
  const passphrase = 'correct horse battery staple';
  return {
    async newAgent() {
      const { agent } = await keyring.create(passphrase);
      everybody.push(agent);
      await strategy.join(agent);
      await strategy.activate(agent);
      return agent;
    },
    async goOffline(agent) {
      await strategy.deactivate(agent);
      keyring.lock(agent);
    },
    async goOnline(agent) {
      await keyring.unlock(agent, passphrase);
      await strategy.activate(agent);
    },
  };
}

async function countRows({ database }: TestNode): Promise<number> {
  const tables = database.dataSource.entityMetadatas.map(({ tableName }) => tableName);
  const counts = tables.map((table) => `(select count(*) from "${table}")`).join(' + ');
  const [row] = await database.dataSource.query<{ rows: string }[]>(`select ${counts} as rows`);
  return Number(row?.rows);
}
