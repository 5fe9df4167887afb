import { type Message, type Payload } from '@musubi/messaging';
import { WantedWords } from './wanted-words.js';

export const MESSAGE_KINDS = ['text', 'file', 'media'] as const;
type MessageKind = (typeof MESSAGE_KINDS)[number];

const MEDIA = /^(?:image|video|audio)\//iu;

/** What a search looks for; what is not given does not matter. */
export interface Sought {
  readonly text?: string | undefined;
  readonly type?: MessageKind | undefined;
}

/** @returns whether a message is what is sought */
export function wanted({ text, type }: Sought): (message: Message) => boolean {
  const words = text === undefined ? null : new WantedWords(text);
  return ({ payload }) =>
    (type === undefined || isOf(type, payload)) && (words?.areIn(wordsOfPayload(payload)) ?? true);
}

function isOf(kind: MessageKind, payload: Payload): boolean {
  if (payload.type === 'text') return kind === 'text';
  return kind === 'file' || (kind === 'media' && MEDIA.test(payload.file.mediaType));
}

/** A file is found by its name, and by what was said beside it. */
function wordsOfPayload(payload: Payload): string {
  return payload.type === 'text' ? payload.text : `${payload.file.name} ${payload.text ?? ''}`;
}
