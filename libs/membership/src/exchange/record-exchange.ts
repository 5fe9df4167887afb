import { equalBytes } from '@musubi/crypto';
import { type NodeKey } from '@musubi/network/nodes';
import { type SignedNodeRecord, nodeRecords } from '../record/node-record.js';
import { MAX_RECORD_BYTES, RecordRefusedError } from '../record/signed-record.js';
import { compareKeys } from '../store/compare-keys.js';
import { type PeerStore } from '../store/record-store.js';
import { Comparison, type RoundLimits, isNews } from './comparison.js';
import {
  type Answer,
  type Digest,
  ExchangeRefusedError,
  decodeAnswer,
  decodeDelivery,
  decodeDigest,
  encodeAnswer,
  encodeDelivery,
  encodeDigest,
} from './messages.js';

/** Each message stays below `MAX_EXCHANGE_BYTES` with these. */
const DEFAULT_LIMITS: RoundLimits = { entries: 512, recordBytes: 32 * 1024 };

interface ExchangeParts {
  readonly store: PeerStore;
  readonly limits?: RoundLimits;
  /** A peer told a record with the seq of the known one and other content. Called each time. */
  readonly onFork?: (record: SignedNodeRecord) => void;
  /** A record was stored that is newer than the known one. */
  readonly onNews?: (record: SignedNodeRecord, toldBy: NodeKey) => void;
}

/** A round that this side began. */
interface OpenRound {
  readonly digest: Digest;
  /** To be sent. */
  readonly message: Uint8Array;
}

interface RecordDelivery {
  /** To be sent; `null` when there is nothing. */
  readonly message: Uint8Array | null;
  /** Nothing that is there was left out for want of room. */
  readonly isWhole: boolean;
}

/** A round that the peer began. */
export interface AnsweredRound {
  /** What the peer may deliver. */
  readonly wants: ReadonlySet<NodeKey>;
  /** To be sent. */
  readonly message: Uint8Array;
}

interface ComparedRound {
  /** To be sent; `null` when the peer asked for nothing. */
  readonly message: Uint8Array | null;
  /** Where the next round begins; `null` when all keys were compared. */
  readonly next: NodeKey | null;
}

/**
 * How two nodes tell each other of nodes: begin → answer → compare → take. One round compares an interval of keys, and
 * has bounded bytes; repeated rounds go through all keys. A lost message costs its round and nothing else, since the
 * next digest says what is there. Every record is verified before any of its message is stored.
 */
export class RecordExchange {
  private readonly limits: RoundLimits;

  /** @throws RangeError for limits that no record fits in */
  constructor(private readonly parts: ExchangeParts) {
    this.limits = parts.limits ?? DEFAULT_LIMITS;
    const { entries, recordBytes } = this.limits;
    if (entries < 1 || recordBytes < MAX_RECORD_BYTES)
      throw new RangeError('a round must have room for a record');
  }

  /** @param after where the last round with the peer ended; `null` for the beginning */
  async begin(after: NodeKey | null): Promise<OpenRound> {
    const known = await this.parts.store.list(after, this.limits.entries);
    const entries = known.map(({ record, fork }) => ({
      node: record.content.node,
      seq: record.content.seq,
      fingerprint: record.fingerprint,
      isForked: fork !== null,
    }));
    const upTo = known.length < this.limits.entries ? null : (entries.at(-1)?.node ?? null);
    const digest = { after, upTo, entries };
    return { digest, message: encodeDigest(digest) };
  }

  /** @throws ExchangeRefusedError */
  async answer(message: Uint8Array): Promise<AnsweredRound> {
    const digest = decodeDigest(message);
    const answer = await this.compareWith(digest);
    return { wants: new Set(answer.wants), message: encodeAnswer(answer) };
  }

  /**
   * @param peer that answered
   * @throws ExchangeRefusedError
   */
  async compare(peer: NodeKey, digest: Digest, message: Uint8Array): Promise<ComparedRound> {
    const { records, wants, upTo } = decodeAnswer(message);
    const opened = records.map(openRecord);
    const told = new Map(digest.entries.map((entry) => [entry.node, entry]));
    const isAsked =
      isEndOf(digest, upTo) &&
      isOneOfEach(opened) &&
      opened.every((record) => isWithin(digest, record.content.node)) &&
      // What is there already would be placed, and reported, as often as a peer likes.
      opened.every((record) => isNews(record, told.get(record.content.node))) &&
      wants.every((node) => told.has(node));
    if (!isAsked) throw new ExchangeRefusedError('unasked');
    const { message: delivery } = await this.delivery(new Set(wants));
    await this.store(peer, opened);
    return { message: delivery, next: upTo };
  }

  /**
   * @param peer that delivers
   * @throws ExchangeRefusedError
   */
  async take(peer: NodeKey, { wants }: AnsweredRound, message: Uint8Array): Promise<void> {
    const opened = decodeDelivery(message).records.map(openRecord);
    const isAsked = isOneOfEach(opened) && opened.every(({ content }) => wants.has(content.node));
    if (!isAsked) throw new ExchangeRefusedError('unasked');
    await this.store(peer, opened);
  }

  /**
   * What a peer tells of its own accord. Only what is news here is verified, before any of it is stored.
   * @returns the nodes of which it has what is stored here now
   * @throws ExchangeRefusedError
   */
  async hear(peer: NodeKey, message: Uint8Array): Promise<readonly NodeKey[]> {
    const records = decodeDelivery(message).records.map(readRecord);
    if (!isOneOfEach(records)) throw new ExchangeRefusedError('unasked');
    const news: SignedNodeRecord[] = [];
    for (const record of records) if (await this.isNewsHere(record)) news.push(openRecord(record.bytes));
    await this.store(peer, news);
    const same: NodeKey[] = [];
    for (const record of records) if (await this.isStored(record)) same.push(record.content.node);
    return same;
  }

  private async isStored({ content, fingerprint }: SignedNodeRecord): Promise<boolean> {
    const known = await this.parts.store.find(content.node);
    return known !== undefined && equalBytes(known.record.fingerprint, fingerprint);
  }

  private async isNewsHere(record: SignedNodeRecord): Promise<boolean> {
    const known = await this.parts.store.find(record.content.node);
    if (known === undefined) return true;
    const { content, fingerprint } = known.record;
    return isNews(record, {
      node: content.node,
      seq: content.seq,
      fingerprint,
      isForked: known.fork !== null,
    });
  }

  private async compareWith(digest: Digest): Promise<Answer> {
    const comparison = new Comparison(this.limits, digest.entries);
    let after = digest.after;
    for (;;) {
      const listed = await this.parts.store.list(after, this.limits.entries);
      const page = listed.filter(({ record }) => isWithin(digest, record.content.node));
      const isLast = page.length < this.limits.entries;
      after = page.at(-1)?.record.content.node ?? after;
      if (!comparison.add(page, isLast ? null : after) || isLast) return comparison.answer(digest.upTo);
    }
  }

  /** As much as is there and fits; the peer asks for the rest again. */
  async delivery(wants: ReadonlySet<NodeKey>): Promise<RecordDelivery> {
    const records: Uint8Array[] = [];
    let bytes = 0;
    for (const node of wants) {
      const record = (await this.parts.store.find(node))?.record.bytes ?? new Uint8Array();
      bytes += record.length;
      if (bytes > this.limits.recordBytes) break;
      if (record.length > 0) records.push(record);
    }
    const message = records.length === 0 ? null : encodeDelivery({ records });
    return { message, isWhole: bytes <= this.limits.recordBytes };
  }

  private async store(peer: NodeKey, records: readonly SignedNodeRecord[]): Promise<void> {
    for (const record of records) {
      const outcome = await this.parts.store.put(record, peer);
      if (outcome === 'forked') this.parts.onFork?.(record);
      if (outcome === 'stored') this.parts.onNews?.(record, peer);
    }
  }
}

/** @throws ExchangeRefusedError */
function openRecord(bytes: Uint8Array): SignedNodeRecord {
  return ofRecord(() => nodeRecords.open(bytes));
}

/** Not verified yet. @throws ExchangeRefusedError */
function readRecord(bytes: Uint8Array): SignedNodeRecord {
  return ofRecord(() => nodeRecords.reopen(bytes));
}

function ofRecord(read: () => SignedNodeRecord): SignedNodeRecord {
  try {
    return read();
  } catch (error) {
    if (error instanceof RecordRefusedError) throw new ExchangeRefusedError('bad-record', { cause: error });
    throw error;
  }
}

function isOneOfEach(records: readonly SignedNodeRecord[]): boolean {
  return new Set(records.map(({ content }) => content.node)).size === records.length;
}

function isWithin({ after, upTo }: Digest, node: NodeKey): boolean {
  return (after === null || compareKeys(node, after) > 0) && (upTo === null || compareKeys(node, upTo) <= 0);
}

/** Whether a round over the digest's interval can end there. */
function isEndOf(digest: Digest, end: NodeKey | null): boolean {
  return end === null ? digest.upTo === null : isWithin(digest, end);
}
