import { describe, expect, it } from '@jest/globals';
import { MAX_AGENTS, PROOF_TICKS, SeenProofs, ShownProofs } from '@musubi/network/nodes';
import { agentFromSeed, identityFromSeed, signerOf } from './support/sim-nodes.js';

const [here, there] = [identityFromSeed(1).key, identityFromSeed(2).key];
const exportKey = (): Uint8Array => new Uint8Array(32).fill(1);
const agents = Array.from({ length: MAX_AGENTS + 1 }, (_, index) => agentFromSeed(index));
const signer = signerOf(new Map(agents.map(({ agent, keys }) => [agent, keys])));
const shown = (): ShownProofs => new ShownProofs({ self: here, channel: { peer: there, exportKey } }, signer);
const seen = (): SeenProofs => new SeenProofs({ self: there, channel: { peer: here, exportKey } });

describe('proofs on one link', () => {
  it('are shown once, and again when half their time is over', () => {
    const [{ agent }] = [agentFromSeed(0)];
    const proofs = shown();
    const serials = Array.from({ length: 2 * PROOF_TICKS }, (_, tick) => proofs.due(agent, tick)?.serial);
    expect(serials.flatMap((serial, tick) => (serial === undefined ? [] : [[tick, serial]]))).toEqual([
      [0, 1],
      [PROOF_TICKS / 2, 2],
      [PROOF_TICKS, 3],
      [1.5 * PROOF_TICKS, 4],
    ]);
  });

  it('are shown again when the other side has forgotten them', () => {
    const { agent } = agentFromSeed(0);
    const proofs = shown();
    proofs.due(agent, 0);
    proofs.forget(agent);
    expect(proofs.due(agent, 1)?.serial).toBe(2);
  });

  it('of the agents that were shown last are known, for more agents than there is room for', () => {
    const [maker, verifier] = [shown(), seen()];
    for (const { agent } of agents) {
      const proof = maker.due(agent, 0);
      if (proof === null) throw new Error('the first one is due');
      verifier.take(proof, 0);
    }
    expect(agents.filter(({ agent }) => !verifier.has(agent, 0))).toEqual([agents[0]]);
  });
});
