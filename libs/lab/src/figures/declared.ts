import { type LabServer } from '../node/lab-server.js';
import { type Variant } from '../node/variants.js';
import { type DeclaredReport, type GuaranteeName, type Report, contradictionOf } from '../report/report.js';
import { type DeclaredFigures, declaredFigures } from './declared-probe.js';

/** What speaks against each promise. A guarantee without its figure does not compile. */
const FIGURES: Readonly<Record<GuaranteeName, string>> = {
  concurrentReceive: 'messages sent to one agent at one moment that were refused or did not arrive',
  concurrentSave: 'saves of one author at one moment that did not land',
  offlineDelivery: 'messages that did not arrive when the two agents were never online at once',
  unboundedPeers: 'peers an agent could not write to where the clone limit is two fewer',
  bodyStaysWithPair: 'bytes of bodies, sealed or not, that a crawler holds',
  hidesPeers: 'rows naming two agents that a crawler holds',
  unlinkableCopies: 'hashes that a crawler finds on the chains of exactly two authors',
};

/** None of them is a matter of degree: one case breaks the promise. */
const THRESHOLD = 0;

const NAMES = Object.keys(FIGURES).filter((name): name is GuaranteeName => name in FIGURES);

/** Each field of what a placement declares, beside what was counted when it was put to the test. */
export async function declaredOf(parts: {
  readonly server: LabServer;
  readonly variant: Variant;
}): Promise<readonly DeclaredReport[]> {
  return holdAgainst(await declaredFigures(parts));
}

/** A promise is borne out when nothing speaks against it, and its absence when something does. */
export function holdAgainst({ guarantees, counts }: DeclaredFigures): readonly DeclaredReport[] {
  return NAMES.map((guarantee) => {
    const [declared, measured] = [guarantees[guarantee], counts[guarantee]];
    return {
      guarantee,
      declared,
      figure: FIGURES[guarantee],
      measured,
      threshold: THRESHOLD,
      isBorneOut: declared === measured <= THRESHOLD,
    };
  });
}

/** One line for each field, of each variant, that its figure contradicts. */
export function contradictionsIn({ placements }: Pick<Report, 'placements'>): readonly string[] {
  return placements.flatMap(({ variant, declared }) =>
    (declared ?? [])
      .filter(({ isBorneOut }) => !isBorneOut)
      .map((field) => `${variant} ${contradictionOf(field)}`),
  );
}
