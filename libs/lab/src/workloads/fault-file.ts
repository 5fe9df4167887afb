import { readFile } from 'node:fs/promises';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { type SimulatedFault } from './simulated-faults.js';
import { UsageError } from './usage-error.js';

const milliseconds = z.number().int().min(0).max(86_400_000);
const bounds = {
  function: z.string().min(1).optional(),
  to: z.number().int().min(0).optional(),
  times: z.number().int().min(1).optional(),
  probability: z.number().min(0).max(1).optional(),
};
const fault = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('not-sent'), ...bounds }),
  z.strictObject({
    kind: z.literal('refused'),
    code: z.string().min(1).default('head-moved'),
    retryable: z.boolean().default(true),
    ...bounds,
  }),
  z.strictObject({ kind: z.literal('reply-lost'), ...bounds }),
  z.strictObject({ kind: z.literal('delay'), ms: milliseconds, ...bounds }),
  z.strictObject({ kind: z.literal('duplicate'), ...bounds }),
  z.strictObject({ kind: z.literal('reorder'), ms: milliseconds, ...bounds }),
]);
const plan = z.strictObject({ faults: z.array(fault).min(1) });

/** The faults of a file, for so many agents. @throws UsageError in one line that names the file and the place */
export async function readFaults(path: string, agents: number): Promise<readonly SimulatedFault[]> {
  const parsed = plan.safeParse(parseYaml(path, await textOf(path)));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UsageError(
      `The fault plan ${path} is not valid at ${placeOf(issue?.path)}: ${issue?.message ?? ''}`,
    );
  }
  return parsed.data.faults.map(({ function: fn, to, times, probability, ...rest }, index) => {
    if (to !== undefined && to >= agents) {
      throw new UsageError(
        `The fault plan ${path} is not valid at faults.${index}.to: there is no agent ${to}`,
      );
    }
    return { fault: rest, fn, to, times, probability };
  });
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    throw new UsageError(`The fault plan ${path} cannot be read.`);
  }
}

function parseYaml(path: string, text: string): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const [error] = document.errors;
  if (error === undefined) return document.toJS();
  const { line } = lineCounter.linePos(error.pos[0]);
  throw new UsageError(`The fault plan ${path} is no YAML at line ${line}: ${firstLine(error.message)}`);
}

function placeOf(path: readonly PropertyKey[] = []): string {
  return path.length === 0 ? 'its top' : path.map(String).join('.');
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
