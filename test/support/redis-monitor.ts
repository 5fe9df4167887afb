import { type TappedFrame } from '@musubi/observers';

/** A command that Redis was told, with its arguments as they were. */
export interface MonitoredCommand {
  /** µs since the epoch */
  readonly at: number;
  readonly name: string;
  readonly arguments: readonly string[];
}

const LINE = /^\+?(\d+)\.(\d{6}) \[[^\]]*\] (.*)$/;
const WORD = /"((?:[^"\\]|\\.)*)"/g;
const ESCAPE = /\\(?:x([0-9a-f]{2})|(.))/gi;
const NAMED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b' };

/** What `MONITOR` printed. One character of an argument is one byte. */
export function commandsIn(monitored: string): readonly MonitoredCommand[] {
  return monitored.split(/\r?\n/).flatMap((line) => {
    const [, seconds, micros, rest] = LINE.exec(line) ?? [];
    if (rest === undefined) return [];
    const [name = '', ...given] = [...rest.matchAll(WORD)].map(([, word]) => unescaped(word ?? ''));
    return [{ at: Number(seconds) * 1_000_000 + Number(micros), name: name.toUpperCase(), arguments: given }];
  });
}

/** A frame that was published, with what its operator sees of it. */
export interface MonitoredFrame extends TappedFrame {
  readonly sealed: Uint8Array;
}

/** The frames among them. */
export function framesIn(commands: readonly MonitoredCommand[]): readonly MonitoredFrame[] {
  return commands
    .filter(({ name }) => name === 'PUBLISH')
    .map(({ at, arguments: [channel = '', frame = ''] }) => ({
      channel,
      bytes: frame.length,
      at,
      sealed: Buffer.from(frame, 'latin1'),
    }));
}

function unescaped(word: string): string {
  return word.replace(ESCAPE, (_, hex: string | undefined, letter: string | undefined) =>
    hex === undefined ? (NAMED[letter ?? ''] ?? letter ?? '') : String.fromCharCode(parseInt(hex, 16)),
  );
}
