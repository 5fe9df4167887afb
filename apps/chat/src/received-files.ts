import { type Message, type MessageFile, type MusubiClient, type Progress } from '@musubi/client';
import { type Style, notice, safe } from './lines.js';
import { newPath, pathFrom, writeLocal } from './local-files.js';
import { PeerError } from './peers.js';
import { type Screen } from './screen.js';
import { wordsOf } from './words.js';

/** A transfer that gets no further is given up after some two minutes, so that what comes after it is not held. */
export const TRANSFER_ATTEMPTS = 20;

interface ReceivedFilesParts {
  readonly client: Pick<MusubiClient, 'files'>;
  readonly screen: Screen;
  readonly style: Style;
  readonly signal: AbortSignal;
  /** Where paths begin. */
  readonly folder: string;
}

/** The files that were shown, by numbers that are easy to type. */
export class ReceivedFiles {
  private readonly files: MessageFile[] = [];

  constructor(private readonly parts: ReceivedFilesParts) {}

  /** Gives the file of a message its number. @returns how to get it; `null`: there is none */
  describe({ payload }: Pick<Message, 'payload'>): string | null {
    if (payload.type !== 'file') return null;
    const { file } = payload;
    const known = this.files.findIndex(({ id, name }) => id === file.id && name === file.name);
    const number = known === -1 ? this.files.push(file) : known + 1;
    return `File ${number}: ${safe(file.name)}, ${file.size} bytes, ${safe(file.id)}. /save ${number} keeps it.`;
  }

  /** `<number or id> [path]` @throws PeerError */
  async save(words: string): Promise<void> {
    const [, which = '', path = ''] = /^\s*(\S*)\s*(.*?)\s*$/s.exec(words) ?? [];
    const file = this.find(which);
    const target = await newPath(pathFrom(this.parts.folder, path === '' ? '.' : path), file.name);
    await this.write(file, target);
  }

  /** @throws PeerError */
  private find(which: string): MessageFile {
    const file = /^\d{1,9}$/.test(which)
      ? this.files[Number(which) - 1]
      : this.files.findLast(({ id }) => id === which);
    if (file === undefined)
      throw new PeerError(
        `Which file? Those that were shown have numbers: /save 1. There are ${this.files.length}.`,
      );
    return file;
  }

  private async write(file: MessageFile, target: string): Promise<void> {
    const { client, screen, signal, style } = this.parts;
    const lineOf = (text: string): string => notice(safe(text), style);
    const printed = screen.print(lineOf(`Saving ${target} …`));
    const onProgress = ({ bytes, size }: Progress): void => {
      screen.progress(printed, lineOf(`Saving ${target} … ${percentOf(bytes, size)}`));
    };
    try {
      await writeLocal(
        target,
        client.files.download(file, { signal, onProgress, attempts: TRANSFER_ATTEMPTS }),
      );
      screen.replace(printed, lineOf(`Saved ${target}, ${file.size} bytes.`));
    } catch (error) {
      if (!signal.aborted) screen.replace(printed, lineOf(`Not saved: ${wordsOf(error)}`));
    }
  }
}

export function percentOf(bytes: number, size: number): string {
  return `${Math.floor((100 * bytes) / size)} %`;
}
