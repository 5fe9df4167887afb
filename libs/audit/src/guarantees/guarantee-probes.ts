import { type GuaranteeName } from '@musubi/messaging';
import { probeConcurrentReceive, probeConcurrentSave } from './concurrency-probes.js';
import { probeBodies, probeCopies, probeNames } from './privacy-probes.js';
import { type Refusals } from './probe-acts.js';
import { type ProbeSubject } from './probe-subject.js';
import { probeOfflineDelivery, probeUnboundedPeers } from './reach-probes.js';

/** How a guarantee is put to the test. One case against it breaks the promise; none keeps it. */
interface GuaranteeProbe {
  /** What is counted against the promise, in words. */
  readonly figure: string;
  /** @param rounds how often chance may hide a collision, where there could be one */
  probe(subject: ProbeSubject, rounds: number): Promise<Refusals>;
}

/** A guarantee without its probe does not compile. */
export const GUARANTEE_PROBES: Readonly<Record<GuaranteeName, GuaranteeProbe>> = {
  concurrentReceive: {
    figure: 'messages sent to one agent at one moment that were refused or did not arrive',
    probe: probeConcurrentReceive,
  },
  concurrentSave: {
    figure: 'saves of one author at one moment that did not land',
    probe: probeConcurrentSave,
  },
  offlineDelivery: {
    figure: 'messages that did not arrive when the two agents were never online at once',
    probe: probeOfflineDelivery,
  },
  unboundedPeers: {
    figure: 'peers an agent could not write to where the clone limit is two fewer',
    probe: probeUnboundedPeers,
  },
  bodyStaysWithPair: {
    figure: 'bytes of bodies, sealed or not, that a crawler holds',
    probe: probeBodies,
  },
  hidesPeers: {
    figure: 'rows naming two agents that a crawler holds',
    probe: probeNames,
  },
  unlinkableCopies: {
    figure: 'hashes that a crawler finds on the chains of exactly two authors',
    probe: probeCopies,
  },
};
