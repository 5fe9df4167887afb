import { type AgentPubKey } from '@musubi/messaging';

/** Bytes in, bytes out: what crosses between two machines is canonical bytes, never live objects. */
export interface RemoteCall {
  readonly from: AgentPubKey;
  readonly to: AgentPubKey;
  /** `<placement>/<function>`, such as `source-chain/receive_message`. */
  readonly fn: string;
  readonly payload: Uint8Array;
}

/** The four ways a remote call ends. */
export type RemoteCallOutcome =
  /** The callee committed, then answered. */
  | { readonly kind: 'ok'; readonly reply: Uint8Array }
  /** It never left: nothing happened at the callee. */
  | { readonly kind: 'not-sent'; readonly detail: string }
  /** The callee said no and committed nothing. `code` is its error code. */
  | { readonly kind: 'refused'; readonly code: string; readonly retryable: boolean }
  /** Cut or timed out: the callee may or may not have committed. */
  | { readonly kind: 'unknown'; readonly detail: string };

/** A callee's function. The network vouches for `call.from`; everything else in the call is a claim. */
export type RemoteFunction = (call: RemoteCall) => Promise<Uint8Array>;

/** A blocking call to another agent's cell. */
export interface RemoteCalls {
  /** Never rejects: each failure is an outcome. */
  call(call: RemoteCall): Promise<RemoteCallOutcome>;
  /** Answers calls to `fn` for the agents of this node. @throws Error when `fn` is already served */
  serve(fn: string, answer: RemoteFunction): StopServing;
}

export type StopServing = () => void;
