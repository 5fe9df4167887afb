import { createHmac, timingSafeEqual } from 'node:crypto';
import { InvalidCursorError, type AgentPubKey, type Message, type Cursor } from '@musubi/messaging';

/** A place in the order of (sentAt, id). */
export interface Place {
  readonly sentAt: number;
  readonly id: string;
}

export function comparePlaces(a: Place, b: Place): number {
  return a.sentAt - b.sentAt || (a.id < b.id ? -1 : Number(a.id > b.id));
}

/** Cursors under a secret of this process: what was not made here, for this agent, is refused. */
export class InMemoryCursors {
  constructor(private readonly secret: Uint8Array) {}

  cursorOf(holder: AgentPubKey, { sentAt, id }: Pick<Message, 'sentAt' | 'id'>): Cursor {
    const place = `${sentAt}.${id}`;
    return `${place}.${this.mac(holder, place).toString('base64url')}`;
  }

  /** @throws InvalidCursorError */
  placeFrom(holder: AgentPubKey, cursor: Cursor): Place {
    const [sentAt = '', id = '', mac = ''] = cursor.split('.', 3);
    const expected = this.mac(holder, `${sentAt}.${id}`);
    const given = Buffer.from(mac, 'base64url');
    const isWhole = cursor === `${sentAt}.${id}.${given.toString('base64url')}`;
    if (!isWhole || given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new InvalidCursorError('this cursor was not made here for this agent');
    }
    return { sentAt: Number(sentAt), id };
  }

  private mac(holder: AgentPubKey, place: string): Buffer {
    return createHmac('sha256', this.secret).update(`${holder}.${place}`).digest();
  }
}
