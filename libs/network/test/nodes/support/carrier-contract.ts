import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AgentPubKey } from '@musubi/messaging';
import { NodeIdentity, type NodePlace } from '@musubi/network/nodes';
import { FN } from './sim-nodes.js';
import { type TlsNode } from './tls-nodes.js';

/** Two nodes that reach one another by a carrier, and what they need closed besides. */
interface CarrierWire {
  readonly here: TlsNode;
  readonly there: TlsNode;
  close(): Promise<void>;
}

/** What links keep, whatever carries them. */
export function describeCarrier(
  name: string,
  open: (book: Map<AgentPubKey, NodePlace>) => Promise<CarrierWire>,
): void {
  let book: Map<AgentPubKey, NodePlace>;
  let wire: CarrierWire;

  beforeEach(async () => {
    book = new Map();
    wire = await open(book);
    for (const node of [wire.here, wire.there]) {
      node.calls.serve(FN, ({ payload }) => Promise.resolve(payload));
      book.set(node.home.agent, node.place);
    }
  });

  afterEach(async () => {
    await Promise.all([wire.here.links.close(), wire.there.links.close()]);
    await wire.close();
  });

  const call = (
    from: TlsNode,
    to: TlsNode,
    payload = Uint8Array.of(1),
  ): ReturnType<TlsNode['calls']['call']> =>
    from.calls.call({ from: from.home.agent, to: to.home.agent, fn: FN, payload });

  describe(`two nodes ${name}`, () => {
    it('call one another over one link, with payloads of any size', async () => {
      const { here, there } = wire;
      for (const size of [0, 1, 5000, 250_000]) {
        const payload = new Uint8Array(size).fill(7);
        expect(await call(here, there, payload)).toEqual({ kind: 'ok', reply: payload });
      }
      expect((await call(there, here)).kind).toBe('ok');
      expect(there.links.openLinksTo(here.identity.key)).toHaveLength(1);
    });

    it('call one another at once', async () => {
      const { here, there } = wire;
      const calls = Array.from({ length: 20 }, () => [call(here, there), call(there, here)]);
      const kinds = (await Promise.all(calls.flat())).map(({ kind }) => kind);
      expect(new Set(kinds)).toEqual(new Set(['ok']));
    });

    it('do not call a node that shows another key', async () => {
      const { here, there } = wire;
      book.set(there.home.agent, { ...there.place, node: NodeIdentity.fromSeed(new Uint8Array(32)).key });
      expect((await call(here, there)).kind).toBe('not-sent');
      expect(here.links.refusals.all()).toEqual({ 'wrong-node': 1 });
    });

    it('do not call where nobody listens', async () => {
      const { here, there } = wire;
      await there.links.close();
      expect((await call(here, there)).kind).toBe('not-sent');
    });
  });
}
