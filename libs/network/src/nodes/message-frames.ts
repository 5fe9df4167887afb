import { type RemoteCall } from '../remote-calls.js';
import { encodeFrame } from './frame.js';
import { LONGEST_TEXT, type LinkMessage, MAX_ASK_BYTES, encodeMessage } from './link-message.js';

/** @returns null for a call that fits in no frame, or is not well-formed */
export function callFrame(id: number, call: RemoteCall): Uint8Array | null {
  if (call.fn.length > LONGEST_TEXT) return null;
  try {
    return encodeFrame(encodeMessage({ kind: 'call', id, call }));
  } catch {
    return null;
  }
}

/** @returns null for a question that is too long */
export function askFrame(message: LinkMessage & { readonly kind: 'ask' }): Uint8Array | null {
  const { payload, topic } = message;
  if (topic.length > LONGEST_TEXT || payload.length > MAX_ASK_BYTES) return null;
  return encodeFrame(encodeMessage(message));
}

/** The callee has committed: a reply that is too large to travel leaves the caller in doubt. */
export function replyFrame(message: LinkMessage & { readonly kind: 'reply' }): Uint8Array {
  const detail = 'the reply is too large to travel';
  return (
    encodeFrame(encodeMessage(message)) ?? shortFrame({ ...message, outcome: { kind: 'unknown', detail } })
  );
}

/** For what is far shorter than a frame. */
export function shortFrame(message: LinkMessage): Uint8Array {
  const frame = encodeFrame(encodeMessage(message));
  if (frame === null) throw new Error('a short message fits in a frame');
  return frame;
}
