import { createHash, randomBytes } from 'node:crypto';
import {
  type AgentPubKey,
  FileNotFoundError,
  InvalidMessageError,
  type Message,
  type MessageFile,
  type Payload,
  RecipientRefusesError,
  parseFileDigest,
  parseFileId,
  parseFileKey,
} from '@musubi/messaging';
import { type InMemoryAgent } from './in-memory-agent.js';

const CHUNK_BYTES = 256 * 1024;
const ID_BYTES = 32;

interface FilesParts {
  agentOf(agent: AgentPubKey): InMemoryAgent;
  /** Carries one call to an agent. */
  call(callee: AgentPubKey, answer: () => Promise<void>): Promise<void>;
  /** Runs when a chunk was taken; when it throws, the caller does not hear of that. */
  readonly afterChunk: () => void;
}

/** The files that agents hold, and how they cross: a chunk a call, and only those that are missing. */
export class InMemoryFiles {
  constructor(private readonly parts: FilesParts) {}

  put(holder: AgentPubKey, bytes: Uint8Array): MessageFile {
    const count = Math.ceil(bytes.length / CHUNK_BYTES);
    const chunkAt = (place: number): Uint8Array =>
      bytes.slice(place * CHUNK_BYTES, (place + 1) * CHUNK_BYTES);
    const chunks = new Map(Array.from({ length: count }, (_, place) => [place, chunkAt(place)]));
    const id = parseFileId(randomBytes(ID_BYTES).toString('base64url'));
    this.parts.agentOf(holder).files.set(id, { count, chunks });
    return {
      id,
      name: 'a file.bin',
      mediaType: 'application/octet-stream',
      size: bytes.length,
      digest: parseFileDigest(createHash('sha256').update(bytes).digest('base64url')),
      key: parseFileKey(randomBytes(ID_BYTES).toString('base64url')),
    };
  }

  /** @throws FileNotFoundError unless the whole of it is there */
  contentOf(holder: AgentPubKey, { id }: MessageFile): Uint8Array {
    const held = this.parts.agentOf(holder).files.get(id);
    if (held?.chunks.size !== held?.count || held === undefined)
      throw new FileNotFoundError('this agent holds no such file');
    const places = [...held.chunks.keys()].sort((one, other) => one - other);
    return Buffer.concat(places.map((place) => held.chunks.get(place) ?? new Uint8Array()));
  }

  /** @throws FileNotFoundError where a message refers to what its holder does not have, InvalidMessageError to another file */
  require(holder: AgentPubKey, payload: Payload): void {
    const file = fileIn(payload);
    if (file !== undefined && this.contentOf(holder, file).length !== file.size)
      throw new InvalidMessageError('the file is another one');
  }

  /** Brings what the recipient lacks of a message's file. */
  async bring({ author, payload, recipient }: Message): Promise<void> {
    const file = fileIn(payload);
    if (file === undefined) return;
    const [from, to] = [this.parts.agentOf(author), this.parts.agentOf(recipient)];
    const { count, chunks } = from.files.get(file.id) ?? { count: 0, chunks: new Map<number, Uint8Array>() };
    for (const [place, chunk] of chunks) {
      if (to.files.get(file.id)?.chunks.has(place) === true) continue;
      await this.parts.call(recipient, () => this.take(to, author, { id: file.id, count, place, chunk }));
      this.parts.afterChunk();
    }
  }

  /** Frees the file of a message that was deleted, unless another one of the holder's refers to it. */
  free(holder: InMemoryAgent, payload: Payload): void {
    const file = fileIn(payload);
    const others = [...holder.holdings.values()].filter(({ isDeleted }) => !isDeleted);
    if (file === undefined || others.some(({ message }) => fileIn(message.payload)?.id === file.id)) return;
    holder.files.delete(file.id);
  }

  private take(to: InMemoryAgent, author: AgentPubKey, { id, count, place, chunk }: Chunk): Promise<void> {
    if (to.blocked.has(author))
      return Promise.reject(new RecipientRefusesError('the recipient takes nothing'));
    const held = to.files.get(id) ?? { count, chunks: new Map<number, Uint8Array>() };
    to.files.set(id, { ...held, chunks: held.chunks.set(place, chunk) });
    return Promise.resolve();
  }
}

function fileIn(payload: Payload): MessageFile | undefined {
  return payload.type === 'file' ? payload.file : undefined;
}

interface Chunk {
  readonly id: string;
  readonly count: number;
  readonly place: number;
  readonly chunk: Uint8Array;
}
