import { fromBase64Url } from '@musubi/crypto';
import { type AgentPubKey, type Day, addDays } from '@musubi/messaging';
import { type DataSource } from 'typeorm';
import { contactRequestBase } from '../../src/index.js';

const DAYS = 750;

/** How many contact requests are stored at an agent, of the last two years up to the day after that one. */
export async function contactRequestsAt(db: DataSource, agent: AgentPubKey, today: Day): Promise<number> {
  const days = Array.from({ length: DAYS }, (_, ago) => addDays(today, 1 - ago));
  const bases = days.map((day) => fromBase64Url(contactRequestBase(agent, day)));
  const rows = await db.query<unknown[]>('select 1 from dht_link where base = any($1::bytea[])', [bases]);
  return rows.length;
}
