import {
  type DatabaseParts,
  bigintColumn,
  booleanColumn,
  bytesColumn,
  integerColumn,
  keyColumn,
  nullable,
  table,
  textColumn,
} from '@musubi/database';
import {
  CreateOutbox1763900600000,
  OweReceiptsApart1764000200000,
  WaitPatiently1764500100000,
} from './migrations.js';

/**
 * A step that is pending. It holds a clock, since a retry has a time, and therefore no sealed record: the message's
 * id is encrypted at one fixed size, and the row goes when the step is done.
 */
export interface OutboxRow {
  readonly holder: Uint8Array;
  readonly placement: string;
  /** The message's id, blinded. */
  readonly key: Uint8Array;
  /** An `OwedStep`. */
  readonly step: string;
  /** The peer, blinded: steps of one lane are taken one after another. */
  readonly lane: Uint8Array;
  /** The message's id, encrypted by the holder. */
  readonly message: Uint8Array;
  /** How often the step was tried, or another one for the same recipient. */
  readonly attempt: number;
  /** µs since the epoch: when it may be tried next, and until when nobody else may; a string, as a bigint is. */
  readonly due_at: string;
  readonly is_failed: boolean;
  readonly last_error: string | null;
  /** µs of waiting since the step was saved or begun anew; a string, as a bigint is. */
  readonly waited: string;
}

export const outboxTable = table<OutboxRow>(
  'outbox',
  {
    holder: keyColumn('outbox_step_once'),
    placement: keyColumn('outbox_step_once', textColumn),
    key: keyColumn('outbox_step_once'),
    step: keyColumn('outbox_step_once', textColumn),
    lane: bytesColumn,
    message: bytesColumn,
    attempt: integerColumn,
    due_at: bigintColumn,
    is_failed: booleanColumn,
    last_error: nullable(textColumn),
    waited: { ...bigintColumn, default: 0 },
  },
  {
    indices: [
      { name: 'outbox_due', columns: ['due_at'], where: 'not is_failed' },
      {
        name: 'outbox_waiting',
        columns: ['holder', 'lane', 'placement', 'due_at'],
        where: 'attempt > 0 and not is_failed',
      },
    ],
  },
);

/** The table of the outbox, and the migrations that make it. */
export const deliveryDatabase: DatabaseParts = {
  entities: [outboxTable],
  migrations: [CreateOutbox1763900600000, OweReceiptsApart1764000200000, WaitPatiently1764500100000],
};
