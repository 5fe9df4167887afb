import { type AgentPubKey, parseAgentPubKey } from '@musubi/messaging';
import { type RemoteCall, type RemoteCallOutcome } from '../remote-calls.js';

/** A call under way to another process, and where its answer is awaited. */
interface TravellingCall {
  readonly id: string;
  readonly replyTo: string;
  readonly call: RemoteCall;
}

interface TravellingReply {
  readonly id: string;
  readonly outcome: RemoteCallOutcome;
}

const LENGTH_BYTES = 4;
const CALL_PARTS = 6;
const REPLY_PARTS = 4;
const encoder = new TextEncoder();
/** Keeps a U+FEFF at the beginning, which is text like any other. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export function encodeCall({ id, replyTo, call }: TravellingCall): Uint8Array {
  return joined([id, replyTo, call.from, call.to, call.fn, call.payload]);
}

/** @returns null unless the bytes are those of one call */
export function decodeCall(frame: Uint8Array): TravellingCall | null {
  const parts = parted(frame, CALL_PARTS);
  if (parts === null) return null;
  const [id, replyTo, from, to, fn] = parts.map((part) => decoder.decode(part));
  const [caller, callee] = [agentFrom(from), agentFrom(to)];
  if (caller === null || callee === null) return null;
  const call = { from: caller, to: callee, fn: fn ?? '', payload: parts.at(-1) ?? new Uint8Array() };
  return { id: id ?? '', replyTo: replyTo ?? '', call };
}

export function encodeReply({ id, outcome }: TravellingReply): Uint8Array {
  return joined([id, outcome.kind, ...bodyOf(outcome)]);
}

/** @returns null unless the bytes are those of one reply */
export function decodeReply(frame: Uint8Array): TravellingReply | null {
  const [id, kind, body = new Uint8Array(), flag] = parted(frame, REPLY_PARTS) ?? [];
  const outcome = outcomeFrom(decoder.decode(kind), body, flag?.[0] === 1);
  return outcome === null ? null : { id: decoder.decode(id), outcome };
}

function bodyOf(outcome: RemoteCallOutcome): readonly [Uint8Array | string, Uint8Array] {
  switch (outcome.kind) {
    case 'ok':
      return [outcome.reply, new Uint8Array()];
    case 'refused':
      return [outcome.code, Uint8Array.of(outcome.retryable ? 1 : 0)];
    case 'not-sent':
    case 'unknown':
      return [outcome.detail, new Uint8Array()];
  }
}

function outcomeFrom(kind: string, body: Uint8Array, retryable: boolean): RemoteCallOutcome | null {
  if (kind === 'ok') return { kind, reply: body };
  if (kind === 'refused') return { kind, code: decoder.decode(body), retryable };
  if (kind === 'not-sent' || kind === 'unknown') return { kind, detail: decoder.decode(body) };
  return null;
}

function agentFrom(text: string | undefined): AgentPubKey | null {
  try {
    return parseAgentPubKey(text ?? '');
  } catch {
    return null;
  }
}

/** The parts, each preceded by its length as 4 bytes. */
function joined(parts: readonly (Uint8Array | string)[]): Uint8Array {
  const all = parts.map((part) => (typeof part === 'string' ? encoder.encode(part) : part));
  const frame = Buffer.alloc(all.reduce((size, part) => size + LENGTH_BYTES + part.length, 0));
  let offset = 0;
  for (const part of all) {
    frame.writeUInt32BE(part.length, offset);
    frame.set(part, offset + LENGTH_BYTES);
    offset += LENGTH_BYTES + part.length;
  }
  return frame;
}

/** @returns null unless so many parts fill the frame exactly */
function parted(frame: Uint8Array, count: number): readonly Uint8Array[] | null {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const parts: Uint8Array[] = [];
  let offset = 0;
  while (offset < frame.length) {
    const start = offset + LENGTH_BYTES;
    if (start > frame.length || start + view.getUint32(offset) > frame.length) return null;
    offset = start + view.getUint32(offset);
    parts.push(frame.slice(start, offset));
  }
  return parts.length === count ? parts : null;
}
