import { type AgentFences } from '@musubi/cell';
import { type RemoteCallOutcome, type RemoteCalls } from '@musubi/network';

/** What a caller of a deleted agent is told, and its author in turn: waiting is no use. */
export const AGENT_DELETED = 'agent-deleted';

export const REFUSED_AS_DELETED: RemoteCallOutcome = {
  kind: 'refused',
  code: AGENT_DELETED,
  retryable: false,
};

/** Refuses calls to agents that were deleted on this node, before anything else is done for them. */
export function refusingDeleted(calls: RemoteCalls, fences: Pick<AgentFences, 'find'>): RemoteCalls {
  return {
    serve: (fn, answer) => calls.serve(fn, answer),
    call: (call) =>
      fences.find(call.to)?.isDeleted === true ? Promise.resolve(REFUSED_AS_DELETED) : calls.call(call),
  };
}
