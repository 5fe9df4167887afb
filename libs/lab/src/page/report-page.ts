import { type Report } from '../report/report.js';
import { clues } from './clues.js';
import { costPlots } from './cost-plots.js';
import { declared } from './declared.js';
import { faultMatrix } from './fault-matrix.js';
import { fieldMatrix } from './field-matrix.js';
import { files } from './files.js';
import { graphDrawings } from './graph-drawings.js';
import { inferred } from './inferred.js';
import { type Section, section } from './layout.js';
import { load } from './load.js';
import { Markup, markup } from './markup.js';
import { method } from './method.js';
import { noteTable } from './note-table.js';
import { opening } from './opening.js';
import { paging } from './paging.js';
import { paretoFront } from './pareto-front.js';
import { receiptPrice } from './receipt-price.js';
import { rocCurves } from './roc-curves.js';
import { STYLE } from './style.js';
import { variantsTable } from './variants-table.js';

const SECTIONS: readonly ((report: Report) => Section)[] = [
  noteTable,
  variantsTable,
  load,
  paging,
  faultMatrix,
  declared,
  fieldMatrix,
  graphDrawings,
  rocCurves,
  clues,
  inferred,
  paretoFront,
  receiptPrice,
  costPlots,
  files,
  method,
];

/** The whole report as one HTML file that needs nothing else: no network, no scripts, no fonts. */
export function reportPage(report: Report): string {
  const sections = SECTIONS.map((part) => part(report));
  const title = `Musubi lab: ${report.parameters.workload}, seed ${report.parameters.seed}`;
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}${report.isPartial ? ' (partial)' : ''}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
${opening(report)}
<nav aria-label="Sections"><ul>${sections.map(({ id, heading }) => markup`<li><a href="#${id}">${heading}</a></li>`)}</ul></nav>
<main>${sections.map(section)}</main>
</body>
</html>
`.text;
}
