import { type CommitFaultRule, type CommitHooks, FaultyCommitHooks, noCommitHooks } from '@musubi/cell';
import { type Clock } from '@musubi/messaging';
import { type FaultPlan, FaultyRemoteCalls, type NetworkFaultRule, type RemoteCalls } from '@musubi/network';

/** The faults that a node can be made to suffer. */
export interface NodeFaults {
  readonly network: FaultPlan<NetworkFaultRule>;
  readonly commits: FaultPlan<CommitFaultRule>;
  /** Ends the process, or whatever stands for it: what it returns never settles. */
  readonly crash: () => Promise<never>;
  /** How the delay of a remote call passes; on the node's clock when absent. */
  readonly delays?: Pick<Clock, 'sleep'> | undefined;
}

export function callsWith(faults: NodeFaults | undefined, calls: RemoteCalls, clock: Clock): RemoteCalls {
  if (faults === undefined) return calls;
  return new FaultyRemoteCalls(calls, faults.network, faults.delays ?? clock);
}

export function commitsWith(faults: NodeFaults | undefined): CommitHooks {
  return faults === undefined ? noCommitHooks : new FaultyCommitHooks(faults.commits, faults.crash);
}
