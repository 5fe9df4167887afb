import {
  type InProcessRemoteCalls,
  InProcessSignals,
  type RemoteCall,
  type RemoteCallOutcome,
  type RemoteCalls,
  type RemoteFunction,
  type Signal,
  type StopServing,
} from '@musubi/network';

/** Several nodes of one process calling one another: a call goes to whichever of them the callee is online on. */
export class JoinedCalls implements RemoteCalls {
  constructor(
    private readonly own: InProcessRemoteCalls,
    private readonly roads: Roads,
  ) {
    roads.nodes.push(own);
  }

  serve(fn: string, answer: RemoteFunction): StopServing {
    return this.own.serve(fn, answer);
  }

  async call(call: RemoteCall): Promise<RemoteCallOutcome> {
    let outcome = await this.own.call(call);
    for (const node of this.roads.nodes) {
      if (outcome.kind !== 'not-sent') break;
      outcome = await node.call(call);
    }
    return outcome;
  }
}

/** Signals that can be lost on their way, as signals may. */
export class LossySignals extends InProcessSignals {
  areLost = false;

  override emit(topic: string, signal: Signal): void {
    if (!this.areLost) super.emit(topic, signal);
  }
}

/** What the nodes of one network share. */
export class Roads {
  readonly signals = new LossySignals();
  /** Every node, in the order in which it joined. */
  readonly nodes: InProcessRemoteCalls[] = [];
}
