import { type MessagePath } from './message-path.js';

const SECTION = /(?<=<!-- path: begin -->\n\n)[^]*?(?=\n<!-- path: end -->)/;

/** Files of one package that follow each other stand in one line. */
interface Stretch {
  readonly folder: string;
  readonly names: readonly string[];
}

/** The paths for docs/architecture.md: what they begin with in common, then the rest of each. */
export function sectionOf(paths: readonly MessagePath[]): string {
  const [first] = paths;
  const all = paths.map(({ files }) => files);
  const apart = (first?.files ?? []).findIndex((file, place) => all.some((files) => files[place] !== file));
  const count = Math.max(apart, 0);
  const common = partOf(`Every message: ${count} files`, first?.files.slice(0, count) ?? []);
  const parts = paths.map(({ placement, files }) => {
    const rest = files.slice(count);
    return partOf(`Then ${placement}: ${rest.length} files, ${files.length} in all`, rest);
  });
  return `${[common, ...parts].join('\n\n')}\n`;
}

function partOf(title: string, files: readonly string[]): string {
  const lines = stretchesOf(files).map(
    ({ folder, names }, index) =>
      `${index + 1}. \`${folder}\`: ${names.map((name) => `\`${name}\``).join(' ')}`,
  );
  return `**${title}**\n\n${lines.join('\n')}`;
}

function stretchesOf(files: readonly string[]): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (const file of files) {
    const [, folder = '', name = ''] = /^([^/]+\/[^/]+)\/src\/(.*)\.ts$/.exec(file) ?? [];
    const last = stretches.at(-1);
    if (last?.folder === folder) stretches.splice(-1, 1, { folder, names: [...last.names, name] });
    else stretches.push({ folder, names: [name] });
  }
  return stretches;
}

/** The files of a section, by placement: those of every message among them. */
export function filesIn(section: string): ReadonlyMap<string, ReadonlySet<string>> {
  const [, common = '', ...parts] = section.split(/^\*\*(?:Every message|Then (?=.*: \d+ files))/m);
  return new Map(
    parts.map((part) => [
      /^[a-z-]+/.exec(part)?.[0] ?? '',
      new Set([...filesOfPart(common), ...filesOfPart(part)]),
    ]),
  );
}

function filesOfPart(part: string): readonly string[] {
  const lines = [...part.matchAll(/^\d+\. `([^`]+)`: (.*)$/gm)];
  return lines.flatMap(([, folder = '', names = '']) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => `${folder}/${name}`),
  );
}

export function sectionIn(page: string): string {
  return SECTION.exec(page)?.[0] ?? '';
}

export function withSection(page: string, section: string): string {
  return page.replace(SECTION, () => section);
}
