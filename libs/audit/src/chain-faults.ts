/** A chain as anybody who holds it can check it. */
export interface ChainView {
  readonly author: string;
  /** In the order of `seq`. */
  readonly actions: readonly ChainActionView[];
}

export interface ChainActionView {
  readonly seq: number;
  readonly hash: string;
  /** `null` for the first action only. */
  readonly prev: string | null;
  /** The hash is that of the action's bytes and the author's signature on it verifies. */
  readonly isValid: boolean;
}

/** A chain is linear: no gap, no fork, and each action signed by its author. @returns what breaks it, in words */
export function chainFaults({ author, actions }: ChainView): readonly string[] {
  const name = `chain ${author.slice(0, 8)}`;
  return actions.flatMap((action, place) => [
    ...(follows(action, actions[place - 1]) ? [] : [`${name} is broken or forked at ${action.seq}`]),
    ...(action.isValid ? [] : [`${name} has a forged action at ${action.seq}`]),
  ]);
}

function follows({ seq, prev }: ChainActionView, before: ChainActionView | undefined): boolean {
  return seq === (before === undefined ? 0 : before.seq + 1) && prev === (before?.hash ?? null);
}
