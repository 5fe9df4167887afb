import { fromBase64Url } from '@musubi/crypto';
import { type AgentPubKey, dayOf } from '@musubi/messaging';
import { DeliveryNode } from '@musubi/testing';
import { GLOBAL_DHT_SPACE } from '../../../libs/global-dht/src/addressing/addressing.js';
import { untilEqual } from '../../support/until.js';
import { agentWith } from './first-contact.js';

const DAY_S = 86_400;
const DEADLINE_MS = 120_000;

interface YearSettings {
  readonly contacts: number;
  /** For how many days it is away, on each of which somebody writes to somebody. */
  readonly days: number;
  /** Letters that wait for it, spread over those days. */
  readonly letters: number;
}

export interface YearReport {
  readonly settings: YearSettings;
  /** From coming online to the first letter, and to the last. */
  readonly firstMs: number;
  readonly allMs: number;
}

/** An agent comes back after long to letters of old. */
export async function measureYearAway(settings: YearSettings, signal: AbortSignal): Promise<YearReport> {
  const node = await DeliveryNode.open({ poolSize: 16 });
  try {
    const home = await agentWith(node, settings.contacts - 1);
    const friend = await node.newAgent();
    await write(node, friend, home);
    await node.whenIdle();
    await node.goOffline(home);
    await passDays(node, { friend, home, settings, signal });
    await fillDays(node, settings.days);
    return { settings, ...(await comeBack(node, home, settings.letters)) };
  } finally {
    await node.close();
  }
}

interface Absence {
  readonly friend: AgentPubKey;
  readonly home: AgentPubKey;
  readonly settings: YearSettings;
  readonly signal: AbortSignal;
}

async function passDays(node: DeliveryNode, { friend, home, settings, signal }: Absence): Promise<void> {
  const { days, letters } = settings;
  for (let letter = 0; letter < letters; letter += 1) {
    signal.throwIfAborted();
    node.clock.advance((days / letters) * DAY_S);
    await node.whenIdle();
    await write(node, friend, home);
  }
}

async function write(node: DeliveryNode, from: AgentPubKey, to: AgentPubKey): Promise<void> {
  await node.attempts.first(from, await node.save('global-dht', [from, to]));
}

/** Others wrote to one another every day. */
async function fillDays({ database: { dataSource }, clock }: DeliveryNode, days: number): Promise<void> {
  const today = dayOf(clock.now());
  await dataSource.query(
    `insert into dht_day select $1, 2, day from generate_series($2::int, $3::int) as day
     on conflict on constraint dht_day_once do nothing`,
    [fromBase64Url(GLOBAL_DHT_SPACE), today - days, today],
  );
}

async function comeBack(
  node: DeliveryNode,
  home: AgentPubKey,
  letters: number,
): Promise<Pick<YearReport, 'firstMs' | 'allMs'>> {
  const came: number[] = [];
  const stop = node.signals.subscribe(home, ({ type }) => {
    if (type === 'message') came.push(performance.now());
  });
  const began = performance.now();
  await node.goOnline(home);
  await untilEqual(letters, () => Promise.resolve(came.length), DEADLINE_MS);
  stop();
  return { firstMs: (came[0] ?? NaN) - began, allMs: (came.at(-1) ?? NaN) - began };
}
