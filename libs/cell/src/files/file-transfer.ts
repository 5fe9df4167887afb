import { decodeCanonical, encodeCanonical, fromBase64Url, toBase64Url } from '@musubi/crypto';
import {
  type AgentPubKey,
  InvalidMessageError,
  type MessageFile,
  RemoteCallRefusedError,
  parseFileId,
} from '@musubi/messaging';
import { type RemoteCall, type StopServing, requireReply, serveReporting } from '@musubi/network';
import { z } from 'zod';
import { type NodeContext } from '../node-context.js';
import { CHUNK_BYTES } from './sealed-file.js';

/** The functions with which a placement brings files. */
export interface FileFunctions {
  readonly offerFile: string;
  readonly receiveChunk: string;
}

/** A message whose file is brought, as one of its placement's calls. */
export interface Consignment {
  readonly from: AgentPubKey;
  readonly to: AgentPubKey;
  readonly file: MessageFile;
  /** The signed message, as the recipient's side of the placement reads it. */
  readonly announcement: Uint8Array;
}

/** Vets an announcement as it would be for a delivery. @returns the message's file */
export type VetAnnouncement = (call: RemoteCall, announcement: Uint8Array) => Promise<MessageFile>;

const bytes = z.instanceof(Uint8Array);
const offerSchema = z.tuple([bytes, bytes]);
const placesSchema = z.array(z.number().int().nonnegative());
const chunkSchema = z.tuple([bytes, z.number().int().nonnegative(), bytes.refine(isChunk)]);

/** Brings the files of messages to their recipients by remote calls: what they lack, and a chunk a call. */
export class FileTransfer {
  /** Two attempts at one message push once. */
  private readonly underway = new Map<string, Promise<void>>();

  constructor(
    private readonly node: Pick<NodeContext, 'calls' | 'files' | 'keyring' | 'log' | 'writers'>,
    private readonly functions: FileFunctions,
  ) {}

  serve(vet: VetAnnouncement): readonly StopServing[] {
    const { node } = this;
    const { offerFile, receiveChunk } = this.functions;
    return [
      serveReporting(node, offerFile, (call) => this.takeOffer(call, vet)),
      serveReporting(node, receiveChunk, (call) => this.takeChunk(call)),
    ];
  }

  /**
   * Delivers a message with a file. Where the recipient lacks some of it, that is brought first, and then the message again.
   * @throws what `deliver` does; RecipientUnreachableError, RemoteCallRefusedError, RemoteCallUnknownError; FileNotFoundError
   */
  async deliver<Result>(consignment: Consignment, deliver: () => Promise<Result>): Promise<Result> {
    try {
      return await deliver();
    } catch (error) {
      if (!(error instanceof RemoteCallRefusedError) || error.reason !== 'file-incomplete') throw error;
    }
    await this.bring(consignment);
    return deliver();
  }

  private bring(consignment: Consignment): Promise<void> {
    const { file, from, to } = consignment;
    const name = `${from} ${to} ${file.id}`;
    const bringing =
      this.underway.get(name) ?? this.push(consignment).finally(() => this.underway.delete(name));
    this.underway.set(name, bringing);
    return bringing;
  }

  private async push({ announcement, file, from, to }: Consignment): Promise<void> {
    const { files, keyring } = this.node;
    const keys = keyring.keysOf(from);
    const held = await files.find(keys, file.id);
    const offer = encodeCanonical([announcement, held.manifest]);
    const reply = await this.call({ from, to, fn: this.functions.offerFile, payload: offer });
    for (const place of placesIn(reply, held.names.length)) {
      const sealed = await files.store.sealedChunk(keys, held, place);
      const payload = encodeCanonical([fromBase64Url(file.id), place, sealed]);
      await this.call({ from, to, fn: this.functions.receiveChunk, payload });
    }
  }

  /** Replies with the places that are missing. */
  private async takeOffer(call: RemoteCall, vet: VetAnnouncement): Promise<Uint8Array> {
    const { files, keyring, writers } = this.node;
    const [announcement, manifest] = parsed(offerSchema, call.payload);
    const file = await vet(call, announcement);
    const keys = keyring.keysOf(call.to);
    await writers.require(keys, call.from);
    const missing = await files.expect(keys, { file, manifest });
    return encodeCanonical(missing.map(({ place }) => place));
  }

  /** Of a file that was offered. Its name says that it is the right one: it does not matter who brings it. */
  private async takeChunk({ from, payload, to }: RemoteCall): Promise<Uint8Array> {
    const { files, keyring, writers } = this.node;
    const [id, place, sealed] = parsed(chunkSchema, payload);
    const keys = keyring.keysOf(to);
    await writers.require(keys, from);
    await files.take(keys, parsedId(id), { place, sealed });
    return new Uint8Array();
  }

  private async call(call: RemoteCall): Promise<Uint8Array> {
    return requireReply(await this.node.calls.call(call));
  }
}

/** Sealed and padded, a chunk is not much longer. */
function isChunk({ length }: Uint8Array): boolean {
  return length <= CHUNK_BYTES + 1024;
}

function placesIn(reply: Uint8Array, count: number): readonly number[] {
  const places = new Set(parsed(placesSchema, reply));
  return [...places].filter((place) => place < count);
}

function parsedId(id: Uint8Array): MessageFile['id'] {
  try {
    return parseFileId(toBase64Url(id));
  } catch (error) {
    throw new InvalidMessageError('not a file', { cause: error });
  }
}

function parsed<Schema extends z.ZodType>(schema: Schema, content: Uint8Array): z.output<Schema> {
  try {
    return schema.parse(decodeCanonical(content));
  } catch (error) {
    throw new InvalidMessageError('what was said of a file is malformed', { cause: error });
  }
}
