import { fromBase64Url } from '@musubi/crypto';
import { parseAgentPubKey } from '@musubi/messaging';
import type pg from 'pg';
import { z } from 'zod';
import { type Client } from '../../../apps/api/test/support/client.js';
import { p50 } from '../figures.js';
import { type HttpClient } from './http-client.js';
import { runLoad } from './load.js';
import { type PageFigures } from './report.js';

const PLACEMENT = 'source-chain';
const PAGE = 50;
const WARM_UP = 10;
const REQUESTS = 100;

/** Older and older copies of the one message that was really sent: they open with the same key, and cost the same. */
const GROW = [
  `insert into history (holder, placement, key, conversation, position, is_deleted, sealed)
   select holder, placement, sha256(copy::text::bytea), conversation, position - copy * 1000000, false, sealed
   from (select * from history where holder = $1 order by position desc limit 1) as sent, generate_series($2::bigint, $3) as copy`,
  `insert into receipt (holder, key, status, sealed)
   select holder, sha256(copy::text::bytea), status, sealed
   from receipt join (select holder, key from history where holder = $1 order by position desc limit 1) as sent
     using (holder, key), generate_series($2::bigint, $3) as copy`,
];

const pageSchema = z.object({
  items: z.array(z.object({ status: z.string() })),
  next: z.string().nullable(),
});

/** The median time of a page of 50 over HTTP, in longer and longer histories with one peer. */
export async function measurePages(
  { rest, client, db }: { readonly rest: Client; readonly client: HttpClient; readonly db: pg.Client },
  sizes: readonly number[],
): Promise<readonly PageFigures[]> {
  const [writer, reader] = [await rest.newAgent('writer'), await rest.newAgent('reader')];
  const route = { from: writer, to: reader };
  await runLoad(client, { placement: PLACEMENT, routes: [route], seconds: 0 });
  const holder = fromBase64Url(parseAgentPubKey(reader.agent));
  const path = `/v1/strategies/${PLACEMENT}/messages?with=${writer.agent}&limit=${PAGE}`;
  const ask = async (before: string | null): Promise<string | null> => {
    const { body } = await client.ask(before === null ? path : `${path}&before=${before}`, reader);
    const { items, next } = pageSchema.parse(JSON.parse(body));
    if (items.length !== PAGE) throw new Error(`a page of ${items.length}`);
    return next;
  };
  const figures: PageFigures[] = [];
  let held = 1;
  for (const messages of sizes) {
    for (const grow of GROW) await db.query(grow, [holder, held, messages - 1]);
    await db.query('vacuum (analyze) history, receipt');
    held = messages;
    figures.push({ messages, latestMs: await timeOf(() => ask(null)), nextMs: await timeOfNext(ask) });
  }
  return figures;
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let made = 0; made < WARM_UP + REQUESTS; made += 1) {
    const start = performance.now();
    await work();
    if (made >= WARM_UP) times.push(performance.now() - start);
  }
  return p50(times);
}

/** From page to page, and from the oldest to the latest again. */
function timeOfNext(ask: (before: string | null) => Promise<string | null>): Promise<number> {
  let next: string | null = null;
  return timeOf(async () => {
    next = await ask(next);
  });
}
