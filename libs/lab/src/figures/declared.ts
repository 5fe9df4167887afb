import { GUARANTEE_PROBES } from '@musubi/audit';
import { GUARANTEE_NAMES } from '@musubi/messaging';
import { type LabServer } from '../node/lab-server.js';
import { type Variant } from '../node/variants.js';
import { type DeclaredReport, type Report, contradictionOf } from '../report/report.js';
import { type DeclaredFigures, declaredFigures } from './declared-probe.js';

/** None of them is a matter of degree: one case breaks the promise. */
const THRESHOLD = 0;

/** Each field of what a placement declares, beside what was counted when it was put to the test. */
export async function declaredOf(parts: {
  readonly server: LabServer;
  readonly variant: Variant;
}): Promise<readonly DeclaredReport[]> {
  return holdAgainst(await declaredFigures(parts));
}

/** A promise is borne out when nothing speaks against it, and its absence when something does. */
export function holdAgainst({ guarantees, counts }: DeclaredFigures): readonly DeclaredReport[] {
  return GUARANTEE_NAMES.map((guarantee) => {
    const [declared, measured] = [guarantees[guarantee], counts[guarantee]];
    return {
      guarantee,
      declared,
      figure: GUARANTEE_PROBES[guarantee].figure,
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
