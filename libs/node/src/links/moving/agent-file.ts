import {
  type Canonical,
  FrameOpener,
  FrameSealer,
  INTERACTIVE_COST,
  OpenFailedError,
  type PassphraseCost,
  asksAtMost,
  decodeCanonical,
  encodeCanonical,
  openWithPassphrase,
  randomBytes,
  sealWithPassphrase,
} from '@musubi/crypto';
import { MAX_ADDRESSES, MAX_ADDRESS_LENGTH } from '@musubi/membership';
import { type AgentPubKey, agentPubKeySchema, idSchema, timestampSchema } from '@musubi/messaging';
import { type NodeKey, parseNodeKey } from '@musubi/network/nodes';
import { z } from 'zod';
import { type RowsPart, type Value } from './agent-rows.js';
import { PAGE, type TablesOfAgents } from '../../tables/agent-tables.js';
import { ByteReader } from './byte-reader.js';

/**
 * The file of an agent that moves: magic, version (1) ‖ length (2) ‖ the file's key, sealed under the passphrase ‖ frames,
 * each length (4) ‖ sealed. The first frame has the head, the others rows; the last one says how many there were.
 */
const MAGIC = new TextEncoder().encode('musubi agent');
const VERSION = 1;
const KEY_BYTES = 32;
/** Of a key under a passphrase: 96. */
const MAX_SEALED_BYTES = 128;
const LENGTH_BYTES = 4;
const PREFIX_BYTES = MAGIC.length + 3;
/** Of the rows in a frame; one that is longer has a frame for itself. */
const FRAME_BYTES = 256 * 1024;
/** A page of the longest rows that there are is cut into frames of one row. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;
/** Of some 700 bytes each. */
const MAX_CARDS = 1000;

export interface AgentFileHead {
  readonly agent: AgentPubKey;
  readonly seed: Uint8Array;
  /** The seed as its node kept it, under the same passphrase; null for an unattended agent. */
  readonly sealed: Uint8Array | null;
  readonly nickname: string;
  /** Of the record by which it moves. */
  readonly seq: number;
  readonly issued: number;
  /** The node that it leaves. */
  readonly from: NodeKey;
  readonly addresses: readonly string[];
  /** The days of the letters whose chains are in the file: the first and the last. */
  readonly days: readonly [number, number];
  /** Statements of agents that it has written with. */
  readonly cards: readonly Uint8Array[];
}

const headSchema: z.ZodType<AgentFileHead> = z.strictObject({
  agent: agentPubKeySchema,
  seed: z.instanceof(Uint8Array).refine(({ length }) => length === KEY_BYTES),
  // It is opened at each sign-in from then on.
  sealed: z.instanceof(Uint8Array).refine(isAffordable).nullable(),
  nickname: z.string(),
  seq: z.number().int().min(1),
  issued: timestampSchema,
  from: idSchema(parseNodeKey),
  addresses: z.array(z.string().max(MAX_ADDRESS_LENGTH)).max(MAX_ADDRESSES),
  days: z.tuple([z.number().int().min(0), z.number().int()]),
  cards: z.array(z.instanceof(Uint8Array)).max(MAX_CARDS),
});

export type FileRefusal =
  /** Other bytes, or of another version. */
  | 'not-an-agent-file'
  | 'wrong-passphrase'
  /** Cut, or changed. */
  | 'damaged'
  /** It has tables or columns that this node does not know. */
  | 'newer-version';

export class AgentFileError extends Error {
  override readonly name = 'AgentFileError';

  constructor(
    readonly reason: FileRefusal,
    options?: ErrorOptions,
  ) {
    super(`the file of an agent was refused: ${reason}`, options);
  }
}

export interface AgentFile {
  readonly head: AgentFileHead;
  /** To be read once. @throws AgentFileError */
  readonly parts: AsyncIterable<RowsPart>;
}

export interface FileSeal {
  readonly key: Uint8Array;
  readonly sealedKey: Uint8Array;
}

/** A key for one file, sealed under the passphrase: made before the file is begun, since it takes long. */
export async function newFileSeal(passphrase: string, cost: PassphraseCost): Promise<FileSeal> {
  const key = randomBytes(KEY_BYTES);
  return { key, sealedKey: await sealWithPassphrase({ secret: key, passphrase, cost }) };
}

/** The beginning of a file: with it alone its reader can stretch the passphrase. */
export function writeFileSeal({ sealedKey }: FileSeal): Uint8Array {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.set(MAGIC);
  prefix.writeUInt8(VERSION, MAGIC.length);
  prefix.writeUInt16BE(sealedKey.length, MAGIC.length + 1);
  return Buffer.concat([prefix, sealedKey]);
}

/** All that follows the seal. */
export async function* writeAgentFile(
  key: Uint8Array,
  head: AgentFileHead,
  parts: AsyncIterable<RowsPart>,
): AsyncGenerator<Uint8Array> {
  const sealer = new FrameSealer(key);
  yield framed(sealer.seal(encodeCanonical({ ...head })));
  let count = 0;
  for await (const part of parts) {
    for (const bytes of partBytes(part)) yield framed(sealer.seal(bytes));
    count += part.rows.length;
  }
  yield framed(sealer.seal(encodeCanonical(count), true));
}

/** A file of which the seal has come. */
export interface SealedAgentFile {
  /** Waits for nobody else: the rest of the file may come later. @throws AgentFileError `wrong-passphrase` */
  open(passphrase: string): Promise<OpenedAgentFile>;
}

export interface OpenedAgentFile {
  /** Waits for the head of the file. @throws AgentFileError */
  read(): Promise<AgentFile>;
}

/** Waits for the seal of the file. @throws AgentFileError */
export async function beginAgentFile(
  stream: AsyncIterable<Uint8Array>,
  tables: TablesOfAgents,
): Promise<SealedAgentFile> {
  const reader = new ByteReader(stream);
  const sealedKey = await sealedKeyIn(reader);
  return {
    open: async (passphrase) => {
      const opener = new FrameOpener(await openKey(sealedKey, passphrase));
      return {
        read: async () => ({ head: await headIn(reader, opener), parts: partsIn(reader, opener, tables) }),
      };
    },
  };
}

async function headIn(reader: ByteReader, opener: FrameOpener): Promise<AgentFileHead> {
  const first = await frameIn(reader);
  if (first === null) throw new AgentFileError('damaged');
  const head = headSchema.safeParse(decoded(opened(opener, first)));
  if (!head.success) throw new AgentFileError('newer-version', { cause: head.error });
  return head.data;
}

/** The last frame is found by trying: it opens as nothing else. */
async function* partsIn(
  reader: ByteReader,
  opener: FrameOpener,
  tables: TablesOfAgents,
): AsyncGenerator<RowsPart> {
  let count = 0;
  let frame = await frameIn(reader);
  while (frame !== null) {
    const next = await frameIn(reader);
    const value = decoded(opened(opener, frame, next === null));
    if (next === null) {
      if (value !== count) throw new AgentFileError('damaged');
      return;
    }
    const part = partOf(value, tables);
    count += part.rows.length;
    yield part;
    frame = next;
  }
  throw new AgentFileError('damaged');
}

const partSchema = z.tuple([
  z.string(),
  z.array(z.string()),
  z.array(z.array(z.union([z.null(), z.boolean(), z.number(), z.string(), z.instanceof(Uint8Array)]))),
]);

function partOf(value: Canonical, tables: TablesOfAgents): RowsPart {
  // Looked at first: a frame has room for millions of empty rows.
  if (!Array.isArray(value) || !isPage(value[2])) throw new AgentFileError('damaged');
  const parsed = partSchema.safeParse(value);
  const table = parsed.success ? tables.byName.get(parsed.data[0]) : undefined;
  if (!parsed.success || table === undefined) throw new AgentFileError('newer-version');
  const [, columns, rows] = parsed.data;
  if (columns.join() !== table.columns.join()) throw new AgentFileError('newer-version');
  if (rows.some(({ length }) => length !== columns.length)) throw new AgentFileError('damaged');
  return { table, rows };
}

function isPage(rows: unknown): boolean {
  return Array.isArray(rows) && rows.length <= PAGE;
}

function* partBytes({ table, rows }: RowsPart): Generator<Uint8Array> {
  let batch: (readonly Value[])[] = [];
  let size = 0;
  const flush = (): Uint8Array => encodeCanonical([table.name, table.columns, batch]);
  for (const row of rows) {
    const bytes = row.reduce((sum: number, value) => sum + sizeOf(value), 0);
    if (batch.length > 0 && size + bytes > FRAME_BYTES) {
      yield flush();
      batch = [];
      size = 0;
    }
    batch.push(row);
    size += bytes;
  }
  if (batch.length > 0) yield flush();
}

function sizeOf(value: Value): number {
  return value instanceof Uint8Array || typeof value === 'string' ? value.length : 1;
}

function framed(sealed: Uint8Array): Uint8Array {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(sealed.length);
  return Buffer.concat([length, sealed]);
}

/** @returns null at the end */
async function frameIn(reader: ByteReader): Promise<Uint8Array | null> {
  const length = await reader.take(LENGTH_BYTES);
  if (length === null) return null;
  const count = Buffer.from(length).readUInt32BE();
  const frame = count > MAX_FRAME_BYTES ? null : await reader.take(count);
  if (frame === null) throw new AgentFileError('damaged');
  return frame;
}

async function sealedKeyIn(reader: ByteReader): Promise<Uint8Array> {
  const prefix = Buffer.from((await reader.take(PREFIX_BYTES)) ?? []);
  const isOurs = prefix.length === PREFIX_BYTES && prefix.subarray(0, MAGIC.length).equals(MAGIC);
  if (!isOurs || prefix.readUInt8(MAGIC.length) !== VERSION) throw new AgentFileError('not-an-agent-file');
  const sealedKey = await reader.take(prefix.readUInt16BE(MAGIC.length + 1));
  if (sealedKey === null || !isAffordable(sealedKey)) throw new AgentFileError('damaged');
  return sealedKey;
}

/** A seed or a file's key under a passphrase, as nodes seal them. */
function isAffordable(sealed: Uint8Array): boolean {
  return sealed.length <= MAX_SEALED_BYTES && asksAtMost(sealed, INTERACTIVE_COST);
}

async function openKey(sealed: Uint8Array, passphrase: string): Promise<Uint8Array> {
  try {
    return await openWithPassphrase({ sealed, passphrase });
  } catch (error) {
    if (error instanceof OpenFailedError) throw new AgentFileError('wrong-passphrase');
    throw error;
  }
}

function opened(opener: FrameOpener, frame: Uint8Array, isLast = false): Uint8Array {
  try {
    return opener.open(frame, isLast);
  } catch (error) {
    if (error instanceof OpenFailedError) throw new AgentFileError('damaged');
    throw error;
  }
}

function decoded(bytes: Uint8Array): Canonical {
  try {
    return decodeCanonical(bytes);
  } catch (error) {
    throw new AgentFileError('damaged', { cause: error });
  }
}
