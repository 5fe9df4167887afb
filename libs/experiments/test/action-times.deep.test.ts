import { afterEach, describe, expect, it } from '@jest/globals';
import { type ActionRow, isAuthentic, signedActionFrom } from '@musubi/cell';
import { commitRows } from '@musubi/database';
import {
  PROTOCOLS,
  type SourceChainExperiment,
  type SourceChainVariation,
  sourceChainExperiment,
} from '@musubi/experiments';
import { type MessageDraft, dayOf, startOf } from '@musubi/messaging';
import { messageIdOf } from '@musubi/receipts';
import { type Correspondents, openCorrespondents } from './support/correspondents.js';

const opened: Correspondents[] = [];
afterEach(async () => {
  for (const both of opened.splice(0)) await both.close();
});

async function open(variation: SourceChainVariation): Promise<Correspondents> {
  const both = await openCorrespondents(variation);
  opened.push(both);
  return both;
}

/** Alice sends a message, and Bob reads it and says so. */
async function actOf(
  { alice, bob, draft }: Correspondents,
  { strategy, whenIdle }: SourceChainExperiment,
): Promise<MessageDraft> {
  const written = draft(alice, bob);
  const message = messageIdOf(written);
  await strategy.save(written);
  await whenIdle();
  const delivered = await strategy.send({ holder: alice, message });
  await whenIdle();
  if (delivered !== null) await strategy.confirm(alice, delivered);
  const atBob = { holder: bob, message };
  await strategy.read(atBob);
  await strategy.sendReceipt(atBob);
  return written;
}

function actionsIn({ context }: Correspondents): Promise<ActionRow[]> {
  return context.db.query<ActionRow[]>('select * from action order by author, seq');
}

const DAY_US = 86_400_000_000;

const isStartOfDay = ({ at }: ActionRow): boolean => Number(at) % DAY_US === 0;

describe.each(PROTOCOLS)('public actions of the protocol %s', (protocol) => {
  it('show the start of their day, and nothing more precise', async () => {
    const both = await open({ protocol });
    const { keys } = await both.context.keyring.make();
    await commitRows(both.context.db, both.strategy.genesisRows(keys));
    const before = both.context.clock.now();

    await actOf(both, both);

    const actions = await actionsIn(both);
    expect(actions.length).toBeGreaterThan(9);
    expect(actions.filter((action) => !isStartOfDay(action))).toEqual([]);
    const days = [before, both.context.clock.now()].map((time) => startOf(dayOf(time)));
    expect(days).toContain(Number(actions.at(-1)?.at));
  });

  it('show the microsecond in the variant that is compared with', async () => {
    const both = await open({ protocol, times: 'precise' });

    await actOf(both, both);

    expect((await actionsIn(both)).filter(isStartOfDay)).toEqual([]);
  });
});

describe('the precise times', () => {
  it('are in the message and its receipts, under the seal', async () => {
    const both = await open({});
    const { message, receipts } = await both.strategy.messages.find({
      holder: both.bob,
      message: messageIdOf(await actOf(both, both)),
    });

    const times = [message.sentAt, ...receipts.map(({ at }) => at)];
    expect(times).toHaveLength(4);
    expect(times.filter((at) => at === startOf(dayOf(at)))).toEqual([]);
    expect(times.toSorted((a, b) => a - b)).toEqual(times);
  });
});

describe('a chain that was begun with precise times', () => {
  it('is continued with days, stays valid, and is read as before', async () => {
    const both = await open({ times: 'precise' });
    const old = await actOf(both, both);
    await both.strategy.destroy();
    const anew = sourceChainExperiment(both.context);
    const { strategy } = anew;
    await strategy.init();

    const recent = await actOf(both, anew);

    const actions = await actionsIn(both);
    expect(new Set(actions.map(isStartOfDay))).toEqual(new Set([true, false]));
    expect(actions.map(signedActionFrom).every(isAuthentic)).toBe(true);
    const { items } = await strategy.messages.list(both.bob, { anchor: { at: 'latest' }, limit: 10 });
    expect(items.map(({ message, status }) => [message.id, status])).toEqual(
      [recent, old].map((draft) => [messageIdOf(draft), 'read']),
    );
    await strategy.destroy();
  });
});
