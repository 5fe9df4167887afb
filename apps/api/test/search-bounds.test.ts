import { expect, it, jest } from '@jest/globals';
import { type AgentPubKey, type HeldMessage, type MessageQuery, type Page } from '@musubi/messaging';
import { type Caller } from '../src/access/access.js';
import { type WorkBudget } from '../src/access/work-budget.js';
import { MessageSearch } from '../src/messages/message-search.js';
import { type MessageTracker, type TrackedMessage } from '../src/messages/message-tracker.js';
import { type ServiceStrategy } from '../src/node/strategies.js';

const CALLER = { agent: 'A'.repeat(43) as AgentPubKey, network: '127.0.0.1', token: 'secret' } as Caller;

interface Endless {
  readonly text: string;
  readonly unreadable?: number;
}

/** A history without an end, all of one text. */
function endless({ text, unreadable = 0 }: Endless): {
  readonly strategy: ServiceStrategy;
  readonly asked: MessageQuery[];
} {
  const asked: MessageQuery[] = [];
  const list = (_holder: AgentPubKey, query: MessageQuery): Promise<Page<HeldMessage>> => {
    asked.push(query);
    const one = { message: { payload: { type: 'text', text } }, status: 'read' };
    const items = Array.from({ length: query.limit - unreadable }, () => one as unknown as HeldMessage);
    return Promise.resolve({ items, next: `after ${asked.length}`, prev: null, unreadable });
  };
  return { strategy: { name: 'source-chain', messages: { list } } as unknown as ServiceStrategy, asked };
}

function searchWith(charge: WorkBudget['charge']): MessageSearch {
  const tracker = { trackAll: () => Promise.resolve<readonly TrackedMessage[]>([]) };
  return new MessageSearch(tracker as unknown as MessageTracker, { charge } as unknown as WorkBudget);
}

it('looks at a thousand messages for one answer, and is charged for them although it shows none', async () => {
  const charge = jest.fn<WorkBudget['charge']>(() => Promise.resolve());
  const { asked, strategy } = endless({ text: 'hello', unreadable: 10 });

  const page = await searchWith(charge).of(strategy, CALLER, { text: 'umbrella' });

  expect(page).toEqual({ items: [], next: 'after 5', searched: 1000, unreadable: 50 });
  expect(asked.map(({ anchor }) => anchor)).toEqual([
    { at: 'latest' },
    ...[1, 2, 3, 4].map((count) => ({ at: 'before', cursor: `after ${count}` })),
  ]);
  // A point for 16 messages, and one for 8 KiB of their payloads.
  expect(charge.mock.calls).toEqual([[CALLER, 65]]);
});

it('ends with the block in which the bytes of a page are reached', async () => {
  const charge = jest.fn<WorkBudget['charge']>(() => Promise.resolve());
  const { asked, strategy } = endless({ text: 'x'.repeat(6000) });

  const page = await searchWith(charge).of(strategy, CALLER, { text: 'umbrella' });

  expect(page).toMatchObject({ items: [], next: 'after 1', searched: 200 });
  expect(asked).toHaveLength(1);
});

it('lets other work have its turn between two long texts', async () => {
  const { strategy } = endless({ text: 'x'.repeat(65_536) });
  const state = { isOver: false, turns: 0 };
  const searched = searchWith(() => Promise.resolve())
    .of(strategy, CALLER, { text: 'umbrella' })
    .finally(() => (state.isOver = true));

  while (!state.isOver) {
    await new Promise(setImmediate);
    state.turns += 1;
  }

  expect(await searched).toMatchObject({ searched: 200 });
  expect(state.turns).toBeGreaterThanOrEqual(199);
});
