import { chainFaults } from '@musubi/audit';
import { type SignedAction, authenticOnce, viewOfChain } from '@musubi/cell';
import { type AgentPubKey } from '@musubi/messaging';
import { requireThat } from './invariants.js';
import { type Holding, type Observation } from './observation.js';

/** Judges every chain by itself, against what was seen of it before, and against what its author holds. */
export class ChainJudge {
  private readonly known = new Map<string, readonly string[]>();
  private readonly isAuthentic = authenticOnce();

  judge({ chains, holdings }: Observation, agents: readonly AgentPubKey[]): void {
    const lengths = new Map(chains.map((chain) => [nameOfChain(chain), chain.length]));
    for (const [name, before] of this.known) {
      requireThat((lengths.get(name) ?? 0) >= before.length, () => `the chain ${name} has lost actions`);
    }
    for (const chain of chains) this.judgeChain(chain);
    for (const agent of agents) judgeEntries(agent, chains, holdings);
  }

  private judgeChain(chain: readonly SignedAction[]): void {
    const name = nameOfChain(chain);
    const [fault] = chainFaults(viewOfChain(chain, this.isAuthentic));
    requireThat(fault === undefined, () => fault ?? '');
    const hashes = chain.map(({ hash }) => hash);
    for (const [seq, hash] of (this.known.get(name) ?? []).entries()) {
      requireThat(hashes[seq] === hash, () => `the chain ${name} was rewritten at ${seq}`);
    }
    this.known.set(name, hashes);
  }
}

function nameOfChain([first]: readonly SignedAction[]): string {
  return `${first?.action.space ?? ''}/${first?.action.author ?? ''}`;
}

/**
 * An agent's chains under its own name carry each thing it holds once, and nothing else. What it writes under
 * pseudonyms may be linked again on a later day, and is not counted.
 */
function judgeEntries(agent: AgentPubKey, chains: Observation['chains'], holdings: readonly Holding[]): void {
  const own = chains.flat().filter(({ action }) => action.author === agent);
  const written = own.filter(({ action }) => action.content.type === 'create').length;
  const expected = holdings
    .filter(({ holder }) => holder === agent)
    .reduce((sum, holding) => sum + entriesOf(holding), 0);
  requireThat(
    written === expected,
    () => `${agent} has written ${written} entries for ${expected} that it holds`,
  );
}

/** On `source-chain` everything is copied, the peer's as well; in a clone each member writes its own. */
function entriesOf({ strategy, holder, receipts }: Holding): number {
  if (strategy === 'global-dht') return 0;
  if (strategy === 'source-chain') return receipts.length;
  return receipts.filter(({ receipt }) => receipt.by === holder).length;
}
