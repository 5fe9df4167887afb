/** Okabe and Ito's palette (2008), which the colour-blind can tell apart; lighter where the page is dark. */
export const TOKENS = `
:root {
  color-scheme: light dark;
  --paper: #fdfdfb; --panel: #f4f4f0; --ink: #1d1f21; --soft: #55595e; --faint: #8a8f95; --hair: #d9dad5;
  --source-chain: #0072b2; --pairwise-dht: #d55e00; --global-dht: #008a66;
  --hue-1: #0072b2; --hue-2: #d55e00; --hue-3: #008a66; --hue-4: #b4568f; --hue-5: #b07d00; --hue-6: #2f8fca;
  --good: #00694d; --warn: #8a5a00; --bad: #b03a00; --bad-back: #fbe9df;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #16181b; --panel: #1e2125; --ink: #e8e8e4; --soft: #b0b4b8; --faint: #7d838a; --hair: #363b41;
    --source-chain: #56b4e9; --pairwise-dht: #f0935a; --global-dht: #2fc79b;
    --hue-1: #56b4e9; --hue-2: #f0935a; --hue-3: #2fc79b; --hue-4: #dd93bf; --hue-5: #e6b422; --hue-6: #8fb7ff;
    --good: #4fd0a8; --warn: #e6b422; --bad: #ff9d6b; --bad-back: #3a2418;
  }
}`;

const TEXT = `
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem clamp(1rem, 4vw, 3rem) 5rem; max-width: 76rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { font-size: clamp(1.7rem, 4.5vw, 2.6rem); line-height: 1.15; letter-spacing: -0.02em; margin: 0 0 1.25rem; }
h2 { font-size: 1.45rem; line-height: 1.2; margin: 0 0 1rem; }
h3 { font-size: 0.95rem; margin: 0 0 0.4rem; }
section { margin-top: 3.5rem; padding-top: 1.25rem; border-top: 1px solid var(--hair); }
small { color: var(--soft); font-size: 0.9em; }
a { color: inherit; }
.kicker { margin: 0; color: var(--soft); }
.banner { padding: 0.75rem 1rem; border: 2px solid var(--bad); background: var(--bad-back); }
.facts, .definitions { display: grid; gap: 0.75rem 2rem; margin: 0; grid-template-columns: repeat(auto-fill, minmax(min(15rem, 45%), 1fr)); }
.definitions { grid-template-columns: repeat(auto-fill, minmax(min(22rem, 100%), 1fr)); margin-bottom: 1.5rem; }
dt { color: var(--soft); font-size: 0.8125rem; }
.definitions dt { color: var(--ink); font-size: 1rem; font-weight: 600; }
dd { margin: 0; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; list-style: none; margin: 2rem 0 0; padding: 0; }
.missing { color: var(--soft); font-style: italic; }
details { margin-top: 1.5rem; }
summary { cursor: pointer; color: var(--soft); padding: 0.4rem 0; font-size: 0.875rem; }
:focus-visible { outline: 2px solid var(--source-chain); outline-offset: 2px; }`;

const TABLES = `
.scroll { overflow-x: auto; margin: 1rem 0 1.75rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding-bottom: 0.6rem; }
caption, .group span { position: sticky; left: 0; max-width: min(46rem, calc(100vw - 2rem)); }
.group span { display: inline-block; }
th, td { text-align: left; vertical-align: top; padding: 0.45rem 1rem 0.45rem 0; border-bottom: 1px solid var(--hair); min-width: 4.5rem; }
thead th { vertical-align: bottom; border-bottom: 2px solid var(--ink); }
th[scope=row] { font-weight: 500; min-width: clamp(6.5rem, 20vw, 8.5rem); position: sticky; left: 0; background: var(--paper); }
th small, td small { display: block; font-weight: 400; }
.group th { padding-top: 1.1rem; color: var(--soft); font-weight: 600; border-bottom-color: var(--faint); }
.many { font-size: 0.78rem; }
.many th, .many td { min-width: 0; padding-right: 0.55rem; }
.held { color: var(--good); font-weight: 600; white-space: nowrap; }
.orphaned { color: var(--warn); font-weight: 600; }
.broken { color: var(--bad); font-weight: 700; }
.telling { display: block; max-width: 34rem; }
.matrix { width: auto; }
.matrix th, .matrix td { min-width: 0; padding: 0.15rem 0.45rem; }
.matrix .group th { padding: 0.6rem 0 0.15rem; }
.matrix th[scope=row], .matrix thead th:first-child { min-width: 0; padding-left: 0; padding-right: 1rem; }
.matrix thead th > span { writing-mode: vertical-rl; rotate: 180deg; font-weight: 400; }
.matrix td { text-align: center; color: var(--faint); }
.matrix .holds { color: var(--ink); }
.matrix .edge, .matrix [scope=colgroup] { border-left: 1px solid var(--faint); }
@media screen and (max-width: 480px) {
  table { font-size: 0.75rem; }
  th, td { min-width: 3.5rem; padding-right: 0.5rem; }
  th[scope=row] { min-width: 5rem; }
}`;

const FIGURES = `
figure { margin: 1.5rem 0 2.5rem; }
figcaption { margin-bottom: 1rem; color: var(--soft); font-size: 0.875rem; max-width: 46rem; }
figcaption strong { color: var(--ink); }
.panels { display: grid; gap: 1.75rem 1.5rem; grid-template-columns: repeat(auto-fill, minmax(min(18rem, 100%), 1fr)); }
.panels.wide { grid-template-columns: repeat(auto-fill, minmax(min(27rem, 100%), 1fr)); }
.panels.small { grid-template-columns: repeat(auto-fill, minmax(min(14rem, 45%), 1fr)); gap: 1.25rem 1rem; }
.panel { min-width: 0; }
.note { margin: 0.3rem 0 0; font-size: 0.8125rem; }
.note small { display: block; }
.legend { display: flex; flex-wrap: wrap; gap: 0.15rem 1.25rem; list-style: none; margin: 0 0 1rem; padding: 0; font-size: 0.8125rem; }
.panel .legend { display: block; margin: 0.4rem 0 0; }
.legend li { display: flex; gap: 0.4rem; align-items: baseline; }
.legend small { display: block; }
.whole { white-space: nowrap; }
.plot { display: block; width: 100%; height: auto; --plot-background: var(--paper); }
.plot text { white-space: pre; }
.legend .plot { flex: none; width: 34px; height: 12px; vertical-align: -1px; }`;

const PRINT = `
@page { size: A4; margin: 14mm 12mm; }
@media print {
  body { font-size: 10pt; max-width: none; padding: 0; }
  nav, summary { display: none; }
  details::details-content { content-visibility: visible; display: block; }
  section { margin-top: 1.5rem; }
  h2, h3, dt, caption, thead, .group, figcaption, .legend { break-after: avoid; }
  .panel, tr, .definitions div, figcaption, .banner { break-inside: avoid; }
  .scroll { overflow: visible; }
  th[scope=row] { position: static; background: none; }
  .facts { grid-template-columns: repeat(3, 1fr); }
  table { font-size: 7.5pt; }
  th, td, th[scope=row] { min-width: 0; padding: 0.25rem 0.5rem 0.25rem 0; }
  .matrix { font-size: 6.5pt; }
  .matrix th, .matrix td { padding: 0 0.15rem; }
  .panels { grid-template-columns: repeat(3, 1fr); gap: 1rem; }
  .panels.small { grid-template-columns: repeat(4, 1fr); }
  .note, .legend, figcaption { font-size: 8pt; }
  .panels.wide { grid-template-columns: repeat(2, 1fr); }
}`;

export const STYLE = [TOKENS, TEXT, TABLES, FIGURES, PRINT].join('\n');
