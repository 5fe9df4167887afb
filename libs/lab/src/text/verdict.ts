import { contradictionsIn } from '../figures/declared.js';
import { type Report } from '../report/report.js';

/** What keeps the guarantees of a report from being verified, a line each; nothing, where all are borne out. */
export function verdictOf(report: Report): readonly string[] {
  const untested = report.placements.filter(({ declared }) => declared === null);
  return [
    ...contradictionsIn(report),
    ...untested.map(
      ({ variant, integrity }) =>
        `${variant}: no guarantee was tested, since integrity failed: ${integrity.witnesses.join('; ')}`,
    ),
  ];
}
