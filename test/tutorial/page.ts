import { type Shown } from './walk.js';

const HEAD = `# Tutorial

Start the service with \`npm start\` and paste these blocks in order into one shell. [\`walk.sh\`](walk.sh) runs them all.
\`npm run tutorial\` makes this page from that script, and a test fails when the service prints anything else.

Ids, keys and signatures differ in each run. Here they are numbered in the order in which they appear, so that \`<1>\` is
the same value wherever it stands.`;

/** The page of a walk. */
export function pageOf(walk: readonly Shown[]): string {
  return `${[HEAD, ...walk.flatMap(partsOf)].join('\n\n')}\n`;
}

function partsOf({ text, commands, printed }: Shown): readonly string[] {
  const blocks = [blockOf('sh', commands), blockOf('text', printed.trimEnd())];
  return [text.replaceAll(/^(#+ .*)\n(?=.)/gm, '$1\n\n'), ...blocks.filter((block) => block !== '')];
}

function blockOf(language: string, content: string): string {
  return content === '' ? '' : `\`\`\`${language}\n${content}\n\`\`\``;
}
