import { fromBase64Url } from '@musubi/crypto';
import { type AttemptOutcome } from '@musubi/delivery';
import { type AgentPubKey, type MessageFile, type MessageId, type StrategyName } from '@musubi/messaging';
import { type DeliveryNode } from '@musubi/testing';

/** Less than a chunk, so that chunks are cut from several. */
const PART_BYTES = 65_536;

async function* streamOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += PART_BYTES) {
    yield await Promise.resolve(bytes.subarray(from, from + PART_BYTES));
  }
}

export function uploadOn(node: DeliveryNode, agent: AgentPubKey, bytes: Uint8Array): Promise<MessageFile> {
  return node.context.files.upload(node.keyring.keysOf(agent), {
    name: 'a file.bin',
    mediaType: 'application/octet-stream',
    size: bytes.length,
    content: streamOf(bytes),
    check: () => undefined,
  });
}

interface FileMessage {
  readonly strategy: StrategyName;
  readonly author: AgentPubKey;
  readonly recipient: AgentPubKey;
  readonly file: MessageFile;
}

export async function saveFileOn(
  node: DeliveryNode,
  { author, file, recipient, strategy }: FileMessage,
): Promise<MessageId> {
  const payload = { type: 'file', text: null, file } as const;
  const { message } = await node.strategies[strategy].save({ ...node.draft(author, recipient), payload });
  return message;
}

/** One attempt, and all that follows from it by itself. */
export async function attemptOn(
  node: DeliveryNode,
  author: AgentPubKey,
  { message, strategy }: { readonly strategy: StrategyName; readonly message: MessageId },
): Promise<AttemptOutcome> {
  const outcome = await node.attempts.first(author, { strategy, message, step: 'send' });
  await node.whenIdle();
  return outcome;
}

export type FileTable = 'file' | 'file_chunk' | 'file_use';

/** How many rows there are of an agent's. */
export async function countOn(node: DeliveryNode, table: FileTable, agent: AgentPubKey): Promise<number> {
  const sql = `select count(*)::int as rows from ${table} where holder = $1`;
  const [row] = await node.context.db.query<{ rows: number }[]>(sql, [fromBase64Url(agent)]);
  return row?.rows ?? -1;
}
