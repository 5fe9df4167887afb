import { type EntryRecord, type StoredAction, decodeRecord, encodeRecord } from '@musubi/cell';
import { type AgentKeys, decodeCanonical, encodeCanonical } from '@musubi/crypto';
import { type SentMessages } from '@musubi/history';
import { InvalidRecordError } from '@musubi/messaging';
import { type PlacedReceipt } from '@musubi/receipts';
import { z } from 'zod';

const bundleSchema = z.array(z.instanceof(Uint8Array)).max(1000);

/** Records as they travel between the two members of a clone: a canonical array of encoded records. */
export function encodeBundle(records: readonly EntryRecord[]): Uint8Array {
  return encodeCanonical(records.map(encodeRecord));
}

/** @throws InvalidRecordError unless every record is well-formed and signed by its author */
export function decodeBundle(bytes: Uint8Array): readonly EntryRecord[] {
  return parseBundle(bytes).map(decodeRecord);
}

function parseBundle(bytes: Uint8Array): readonly Uint8Array[] {
  try {
    return bundleSchema.parse(decodeCanonical(bytes));
  } catch (error) {
    throw new InvalidRecordError('the records are malformed', { cause: error });
  }
}

/** The holder's own records that carry a receipt. */
export async function recordsOf(
  sent: SentMessages,
  holder: AgentKeys,
  receipt: PlacedReceipt,
): Promise<readonly EntryRecord[]> {
  return entryRecords(await sent.actionsOf(holder, receipt));
}

/** The records of actions that created an entry. */
export function entryRecords(actions: readonly StoredAction[]): readonly EntryRecord[] {
  return actions.flatMap(({ signed, body }) => {
    const { content } = signed.action;
    return content.type === 'create' && body !== null
      ? [{ signed, entry: content.entry, content: body }]
      : [];
  });
}
