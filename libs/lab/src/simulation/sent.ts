import { type MessageFile, type MessageId } from '@musubi/messaging';

/** A message as the run knows it. */
export interface Sent {
  readonly id: MessageId;
  readonly from: number;
  readonly to: number;
  /** Its save was acknowledged to its sender. */
  readonly isAcknowledged: boolean;
  /** Goes with it. */
  readonly file?: MessageFile;
}
