import { isOutboxStep } from '@musubi/cell';
import { fromBase64Url, toBase64Url } from '@musubi/crypto';
import { type OutboxRow, OutboxStore, type OutboxStoreOptions, type OutboxEntry } from '@musubi/delivery';
import { isStrategyName, parseAgentPubKey } from '@musubi/messaging';
import { decodeMessageId } from '@musubi/receipts';

const CLAIM = `
  update outbox set due_at = $1 where not is_failed and (due_at <= $2 or due_at > $3) and holder = any($4) returning *`;

interface OutboxDefects {
  /** It waits for as long as a row says, whatever clock wrote that. */
  readonly isTrusting?: boolean;
  /** A row that it cannot read takes those with it that were claimed beside it. */
  readonly isAllOrNothing?: boolean;
}

/** An outbox that claims as one statement and one list. */
export class DefectiveOutbox extends OutboxStore {
  constructor(
    private readonly parts: OutboxStoreOptions,
    private readonly defects: OutboxDefects,
  ) {
    super(parts);
  }

  override async claim({ holders }: Parameters<OutboxStore['claim']>[0]): Promise<readonly OutboxEntry[]> {
    const { clock, db, leaseUs } = this.parts;
    const now = clock.now();
    const farthest = this.defects.isTrusting === true ? Number.MAX_SAFE_INTEGER : now + 2 * leaseUs;
    const own = holders.map((holder) => fromBase64Url(holder));
    const [rows] = await db.query<[OutboxRow[], number]>(CLAIM, [now + leaseUs, now, farthest, own]);
    const works: OutboxEntry[] = [];
    for (const row of rows) {
      const work = await this.workOf(row).catch((error: unknown) => {
        if (this.defects.isAllOrNothing === true) throw error;
        return null;
      });
      if (work !== null) works.push(work);
      else await db.query(`update outbox set is_failed = true where key = $1`, [row.key]);
    }
    return works;
  }

  private async workOf({ holder, message, placement, step }: OutboxRow): Promise<OutboxEntry | null> {
    const keys = this.parts.keysOf(parseAgentPubKey(toBase64Url(holder)));
    const id = decodeMessageId(keys.openFixed(message, 'musubi/outbox/message'));
    if (!isStrategyName(placement) || !isOutboxStep(step)) return null;
    return this.find(keys, { strategy: placement, message: id, step });
  }
}
