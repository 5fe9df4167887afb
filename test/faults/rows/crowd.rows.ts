import { expect } from '@jest/globals';
import { type AgentPubKey, HeadMovedError } from '@musubi/messaging';
import { type FaultRow, everywhere } from '../fault-row.js';
import { whileHeadMoves } from '../second-writer.js';
import { type Sent } from '../sent.js';
import { type World } from '../world.js';

const CROWD = 32;
const HOUR_SECONDS = 3600;
const DAY_SECONDS = 24 * HOUR_SECONDS;

const manyToOne: FaultRow = {
  fault: 'F12',
  title: `${CROWD} senders write to one recipient at once`,
  cells: everywhere({
    'delivers every message once through one outbox': async (world) => {
      const bob = await world.newAgent();
      const senders: AgentPubKey[] = [];
      while (senders.length < CROWD) senders.push(await world.newAgent());

      const all = await Promise.all(senders.map((sender) => world.save(sender, bob)));

      await world.untilDelivered(...all);
    },
  }),
};

async function idsOf(world: World, holder: AgentPubKey): Promise<readonly string[]> {
  const { items } = await world.at(holder).messages.list(holder, { anchor: { at: 'latest' }, limit: 50 });
  return items.map(({ message }) => message.id);
}

const skewedClocks: FaultRow = {
  fault: 'F17',
  title: 'The clocks of the two agents are two hours apart',
  cells: everywhere({
    'shows both sides one order, by (time, id), and merges statuses by rank': async (world) => {
      const fast = await world.openBeside();
      // Midnight lies between them: each has another day.
      const untilMidnight = DAY_SECONDS - (Math.round(Number(fast.clock.now()) / 1e6) % DAY_SECONDS);
      world.node.clock.advance(untilMidnight - HOUR_SECONDS);
      fast.clock.advance(untilMidnight + HOUR_SECONDS);
      const [alice, bob] = [await world.newAgent(), await world.newAgent(fast)];
      // A letter of another day is found by the next poll.
      const deliver = async (author: AgentPubKey, recipient: AgentPubKey): Promise<Sent> => {
        const sent = await world.save(author, recipient);
        await world.untilDelivered(sent);
        return sent;
      };
      const all = [];
      for (let turn = 0; turn < 3; turn += 1) all.push(await deliver(alice, bob), await deliver(bob, alice));

      const answer = all.at(-1) ?? (await deliver(bob, alice));
      await world.at(alice).read({ holder: alice, message: answer.message });
      await world.passTime(async () => {
        expect(await world.status(answer)).toBe('read');
      });

      const [saved, delivered, read] = (await world.find(answer)).receipts.map(({ at }) => at);
      expect([Number(delivered) < Number(saved), Number(read) < Number(saved)]).toEqual([true, true]);
      const here = await idsOf(world, alice);
      expect(here).toEqual(await idsOf(world, bob));
      const sentByAlice = all.filter(({ author }) => author === alice).map(({ message }) => message);
      expect(here.slice(3)).toEqual(sentByAlice.reverse());
    },
  }),
};

const twoProcesses: FaultRow = {
  fault: 'F18',
  title: 'Two processes append for one author',
  cells: everywhere({
    'stores both under relaxed ordering, one after the other': async (world) => {
      const [alice, bob] = await world.pair();
      await world.deliver(alice, bob);

      const { worked, second } = await whileHeadMoves(world, [alice, bob], () => world.save(alice, bob));

      expect(worked.status).toBe('fulfilled');
      await world.untilDelivered(...world.sent, second);
    },

    'lets one win under strict ordering, and reports to the other': async (world) => {
      const strict = await world.openBeside({ ordering: 'strict' });
      const [alice, bob] = [await world.newAgent(strict), await world.newAgent()];
      await world.deliver(alice, bob);

      const { worked, second } = await whileHeadMoves(world, [alice, bob], () => world.save(alice, bob));

      expect(worked).toMatchObject({ status: 'rejected', reason: expect.any(HeadMovedError) });
      await world.untilDelivered(second);
    },

    'delivers a message once when both find it in the outbox': async (world) => {
      const [alice, bob] = await world.pair();
      const twin = await world.openBeside();
      await twin.signIn(alice);
      const all = await Promise.all(
        Array.from({ length: 10 }, (_, index) => world.save(alice, bob, index % 2 === 0 ? world.node : twin)),
      );

      await world.untilDelivered(...all);
    },
  }),
};

export const crowdRows: readonly FaultRow[] = [manyToOne, skewedClocks, twoProcesses];
