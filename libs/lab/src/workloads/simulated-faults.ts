import { type AgentPubKey } from '@musubi/messaging';
import { type NetworkFault, type NetworkFaultRule } from '@musubi/network';

/** A fault of remote calls as it is asked for before there are agents. */
export interface SimulatedFault {
  readonly fault: NetworkFault;
  /** Only calls of this function. */
  readonly fn?: string | undefined;
  /** Only calls to the agent of this number. */
  readonly to?: number | undefined;
  readonly times?: number | undefined;
  readonly probability?: number | undefined;
}

export function rulesFor(
  faults: readonly SimulatedFault[],
  agents: readonly AgentPubKey[],
): readonly NetworkFaultRule[] {
  return faults.map(({ to, ...rest }) => (to === undefined ? rest : { ...rest, to: agents[to] }));
}
