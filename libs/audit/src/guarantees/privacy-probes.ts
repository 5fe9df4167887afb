import { exchange, type Refusals } from './probe-acts.js';
import { type ProbeSubject, type StrangersView } from './probe-subject.js';

/** What strangers are given for one message of a new pair, its receipts included. */
function probeStrangers(figure: keyof StrangersView): (subject: ProbeSubject) => Promise<Refusals> {
  return async (subject) => {
    const pair = [await subject.newAgent(), await subject.newAgent()] as const;
    const before = await subject.strangersView(pair);
    await exchange(subject, pair);
    const after = await subject.strangersView(pair);
    return { count: after[figure] - before[figure], errors: [] };
  };
}

export const probeBodies = probeStrangers('bodyBytes');
export const probeNames = probeStrangers('namingBoth');
export const probeCopies = probeStrangers('sharedHashes');
