/** A clone that is enabled. */
export interface Clone {
  readonly isPeerJoined: boolean;
  readonly proof: Uint8Array;
  /** False for a clone from before peers were noted. */
  readonly isPeerNoted: boolean;
}
