import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

const SCHEMA = new URL('../../src/report/report.schema.json', import.meta.url);
const schema: unknown = JSON.parse(readFileSync(SCHEMA, 'utf8'));

/** Where a report is not as its schema says, and by which keyword. */
export function schemaErrors(report: unknown): readonly string[] {
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictTuples: false });
  if (typeof schema !== 'object' || schema === null) throw new TypeError('The schema is no object.');
  const validate = ajv.compile(schema);
  // As it is read from a file: what is `undefined` is not there.
  validate(JSON.parse(JSON.stringify(report)));
  return (validate.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`);
}
