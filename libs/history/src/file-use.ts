import { type Files, USE_OF_FILE } from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import { type Rows, violatedConstraint } from '@musubi/database';
import {
  FileIncompleteError,
  type MessageDraft,
  type MessagingError,
  RecipientRefusesError,
  type StrategyName,
} from '@musubi/messaging';
import { messageIdOf } from '@musubi/receipts';

/** The files that the messages of one placement refer to. A message without one costs nothing. */
export class FileUse {
  constructor(
    private readonly files: Files,
    private readonly strategy: StrategyName,
  ) {}

  /**
   * That the holder's message refers to its file, which is whole: commits with the message, within `whole`.
   * @throws FileIncompleteError; InvalidMessageError when the file is another one
   */
  async rowsOf(keys: AgentKeys, message: MessageDraft): Promise<readonly Rows[]> {
    const { payload } = message;
    if (payload.type !== 'file') return [];
    const slot = await this.files.require(keys, payload.file);
    return [this.files.store.used(keys, { strategy: this.strategy, message: messageIdOf(message) }, slot)];
  }

  /** @throws FileIncompleteError when the file went between the look and the commit */
  async whole<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (violatedConstraint(error) !== USE_OF_FILE) throw error;
      throw new FileIncompleteError('the file has just gone', { cause: error });
    }
  }

  /** That it does so no more: commits with the tombstone. With its last message goes the file. */
  released(keys: AgentKeys, message: MessageDraft | null): readonly Rows[] {
    if (message?.payload.type !== 'file') return [];
    return [this.files.store.released(keys, { strategy: this.strategy, message: messageIdOf(message) })];
  }
}

/** The recipient does not take the message, now at least; one that it took before stays delivered. */
export function isRefused(error: unknown): error is MessagingError {
  return error instanceof RecipientRefusesError || error instanceof FileIncompleteError;
}
