import openapiTS, { astToString } from 'openapi-typescript';
import { format, resolveConfig } from 'prettier';
import { z } from 'zod';

const HEADER = `// Written by \`npm run client:types\` from the OpenAPI document that the service serves. Do not change it by hand.\n`;
const PROBLEM = 'urn:musubi:problem:';

const operationSchema = z.looseObject({ responses: z.record(z.string(), z.unknown()) });
const documentSchema = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
});
type Document = z.infer<typeof documentSchema>;

/** The types of the client, from the text of an OpenAPI document, for the file at `path`. */
export async function apiTypes(openApi: string, path: string): Promise<string> {
  const document = documentSchema.parse(JSON.parse(openApi));
  const ast = await openapiTS(JSON.stringify(shortened(document, codesIn(openApi))), {
    alphabetize: true,
  });
  const options = { ...(await resolveConfig(path)), filepath: path };
  return format(`${HEADER}\n${astToString(ast)}`, options);
}

function codesIn(openApi: string): readonly string[] {
  const types = [...openApi.matchAll(/"urn:musubi:problem:([a-z-]+)"/g)];
  return [...new Set(types.map(([, code = '']) => code))].sort();
}

/**
 * Each operation lists a dozen problems that differ in their codes alone, nine tenths of the text. The types have one problem, with all
 * codes.
 */
function shortened({ paths, components, ...rest }: Document, codes: readonly string[]): Document {
  const problem = { $ref: '#/components/schemas/Problem' };
  const refusal = { description: 'A problem.', content: { 'application/problem+json': { schema: problem } } };
  const short = ({
    responses,
    ...operation
  }: z.infer<typeof operationSchema>): Document['paths'][string][string] => ({
    ...operation,
    responses: {
      ...Object.fromEntries(Object.entries(responses).filter(([status]) => status.startsWith('2'))),
      default: refusal,
    },
  });
  const map = <In, Out>(of: Readonly<Record<string, In>>, change: (value: In) => Out): Record<string, Out> =>
    Object.fromEntries(Object.entries(of).map(([name, value]) => [name, change(value)]));
  const ProblemType = { type: 'string', enum: codes.map((code) => `${PROBLEM}${code}`) };
  return {
    ...rest,
    paths: map(paths, (methods) => map(methods, short)),
    components: { ...components, schemas: { ...components.schemas, ProblemType } },
  };
}
