import { type Status } from '@musubi/client';

/** `PENDING`: the service has not got it yet. */
export type Mark = Status | 'pending';

/** Words of others may hold commands for the terminal: what moves the cursor, colours, or turns the writing around. */
const UNSAFE = /(?!\u200d)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

export function safe(text: string): string {
  return text
    .replace(/\r\n?|\n/g, ' ⏎ ')
    .replace(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

export interface Style {
  readonly isColoured: boolean;
}

const READ_COLOUR = '\u001B[36m';
const FAINT = '\u001B[2m';
const PLAIN = '\u001B[0m';

/** Without colours a word says what is read. */
export function markOf(mark: Mark, { isColoured }: Style): string {
  if (mark === 'read') return isColoured ? `${READ_COLOUR}✓✓${PLAIN}` : '✓✓ read';
  return { pending: '…', saved: '✓', delivered: '✓✓', failed: '✗ failed (/retry)' }[mark];
}

export function notice(text: string, { isColoured }: Style): string {
  return isColoured ? `${FAINT}- ${text}${PLAIN}` : `- ${text}`;
}

/** Hours and minutes, where the reader is. */
export function timeOf(sentAt: string): string {
  const time = new Date(sentAt);
  return [time.getHours(), time.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** What a line says; a file that is on its way has no id yet. */
export interface Line {
  readonly sentAt: string;
  readonly payload:
    | { readonly type: 'text'; readonly text: string }
    | {
        readonly type: 'file';
        readonly text: string | null;
        readonly file: { readonly name: string; readonly size: number };
      };
}

export function lineOf(message: Line, from: string, mark?: string): string {
  const words = `${timeOf(message.sentAt)} ${safe(from)}: ${safe(wordsOf(message.payload))}`;
  return mark === undefined ? words : `${words}  ${mark}`;
}

/** A file shows by its name. */
function wordsOf(payload: Line['payload']): string {
  if (payload.type === 'text') return payload.text;
  const { name, size } = payload.file;
  const file = `[${name}, ${size} bytes]`;
  return payload.text === null ? file : `${file} ${payload.text}`;
}
