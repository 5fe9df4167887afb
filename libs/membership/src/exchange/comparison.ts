import { equalBytes } from '@musubi/crypto';
import { type NodeKey } from '@musubi/network/nodes';
import { type NodeRecord, type SignedNodeRecord } from '../record/node-record.js';
import { MAX_RECORD_BYTES } from '../record/signed-record.js';
import { compareKeys } from '../store/compare-keys.js';
import { type StoredRecord } from '../store/record-store.js';
import { type Answer, type DigestEntry } from './messages.js';

/** How much one round may bring. */
export interface RoundLimits {
  /** Nodes in one digest. */
  readonly entries: number;
  /** Bytes of records in one answer, and in what it asks for. At least the longest record's. */
  readonly recordBytes: number;
}

type Known = StoredRecord<NodeRecord>;

/** Goes through both sides' records in the order of keys, and stops before a limit is exceeded. */
export class Comparison {
  private readonly records: Uint8Array[] = [];
  private readonly wants: NodeKey[] = [];
  private bytes = 0;
  private upTo: NodeKey | null = null;
  /** A limit was met: what comes after it is for the next round. */
  private isCut = false;

  constructor(
    private readonly limits: RoundLimits,
    private readonly entries: readonly DigestEntry[],
  ) {}

  /**
   * Compares a page of the own records, and the entries up to its end.
   * @param end the last key that the page covers; `null` when it covers all to the end of the interval
   * @returns false when a limit was met
   */
  add(page: readonly Known[], end: NodeKey | null): boolean {
    const own = new Map(page.map((known) => [known.record.content.node, known]));
    const theirs = new Map(this.entriesUpTo(end).map((entry) => [entry.node, entry]));
    for (const node of [...new Set([...own.keys(), ...theirs.keys()])].sort(compareKeys)) {
      if (!this.compare(node, own.get(node), theirs.get(node))) {
        this.isCut = true;
        return false;
      }
      this.upTo = node;
    }
    return true;
  }

  /** @param end of the whole interval */
  answer(end: NodeKey | null): Answer {
    return { upTo: this.isCut ? this.upTo : end, records: this.records, wants: this.wants };
  }

  private entriesUpTo(end: NodeKey | null): readonly DigestEntry[] {
    const { upTo } = this;
    return this.entries.filter(
      ({ node }) =>
        (upTo === null || compareKeys(node, upTo) > 0) && (end === null || compareKeys(node, end) <= 0),
    );
  }

  /** @returns false when the node has no room: then nothing is noted of it */
  private compare(node: NodeKey, own: Known | undefined, entry: DigestEntry | undefined): boolean {
    const given = own !== undefined && isNews(own.record, entry) ? [own.record.bytes] : [];
    const wanted = entry !== undefined && isWanting(own, entry) ? [node] : [];
    const bytes = given.reduce((sum, record) => sum + record.length, this.bytes);
    const mostDelivered = (this.wants.length + wanted.length) * MAX_RECORD_BYTES;
    if (Math.max(bytes, mostDelivered) > this.limits.recordBytes) return false;
    this.records.push(...given);
    this.wants.push(...wanted);
    this.bytes = bytes;
    return true;
  }
}

/** Whether who told the entry, or none, lacks the record. */
export function isNews(record: SignedNodeRecord, entry: DigestEntry | undefined): boolean {
  if (entry === undefined) return true;
  if (record.content.seq !== entry.seq) return record.content.seq > entry.seq;
  return !entry.isForked && !equalBytes(record.fingerprint, entry.fingerprint);
}

function isWanting(own: Known | undefined, entry: DigestEntry): boolean {
  if (own === undefined) return true;
  const { content, fingerprint } = own.record;
  if (content.seq !== entry.seq) return content.seq < entry.seq;
  return own.fork === null && !equalBytes(fingerprint, entry.fingerprint);
}
