import { type Type } from '@nestjs/common';
import { type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { IS_PUBLIC, WORKS_LOCKED } from '../access/access.js';
import { type ProblemCode, statusOfCode, typeOfCode } from '../problem/problem.js';
import { problemSchema } from '../problem/problem.schema.js';
import { REFUSALS } from '../problem/refusals.js';
import { isProbe } from '../http/probes.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Responses = Operation['responses'];
type Response = Responses[string];

const METHODS = ['get', 'head', 'put', 'post', 'patch', 'delete'] as const;
type Method = (typeof METHODS)[number];

/** A query, a header or a body can be wrong wherever it comes, also where none is read. */
const ANYWHERE: readonly ProblemCode[] = [
  'malformed',
  'invalid',
  'unsupported-media-type',
  'request-timeout',
  'expectation-failed',
  'headers-too-large',
  'internal',
  'not-implemented',
  'unavailable',
];
const RETRY_AFTER = { description: 'Seconds.', schema: { type: 'integer', minimum: 1 } } as const;
const WITH_RETRY_AFTER: ReadonlySet<ProblemCode> = new Set(['rate-limited', 'unavailable']);

/** What is to be known of an operation that its description does not say. */
interface Described {
  readonly path: string;
  readonly method: Method;
  readonly operation: Operation;
  readonly controllers: ReadonlyMap<string, Type>;
  readonly isLab: boolean;
}

/**
 * Adds to each operation the problems that it can answer: from the marks of its handler, its path and its method, each with the
 * status that problems of this code have.
 */
export function describeProblems(
  document: OpenAPIObject,
  controllers: ReadonlyMap<string, Type>,
  isLab: boolean,
): void {
  const { $schema: _, ...schema } = z.toJSONSchema(problemSchema, { target: 'openapi-3.0' });
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: schema as Record<string, unknown> },
  };
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation === undefined) continue;
      const codes = codesOf({ path, method, operation, controllers, isLab });
      Object.assign(operation.responses, responsesOf(codes));
    }
  }
}

function codesOf({ path, method, operation, controllers, isLab }: Described): ReadonlySet<ProblemCode> {
  const isMarked = (mark: string): boolean => markOf(mark, operation, controllers) === true;
  const codes = new Set(ANYWHERE);
  const add = (when: boolean, ...more: readonly ProblemCode[]): void => {
    if (when) for (const code of more) codes.add(code);
  };
  add(!isProbe(path), 'rate-limited');
  add(method !== 'get' && method !== 'head', 'payload-too-large');
  add(!isMarked(IS_PUBLIC), 'unauthenticated');
  // The keys may be locked while the request is answered.
  add(!isMarked(IS_PUBLIC) && !isMarked(WORKS_LOCKED), 'agent-moved', 'agent-offline');
  add(path.includes('{strategy}'), 'unknown-strategy');
  add(isLab, 'forbidden');
  add(true, ...((markOf(REFUSALS, operation, controllers) ?? []) as readonly ProblemCode[]));
  return codes;
}

/** Swagger names an operation after its controller and handler. */
function markOf(
  mark: string,
  { operationId = '' }: Operation,
  controllers: ReadonlyMap<string, Type>,
): unknown {
  const [name = '', handler = ''] = operationId.split('_');
  const controller = controllers.get(name);
  if (controller === undefined) throw new Error(`${operationId} has no controller`);
  const method: unknown = Reflect.get(controller.prototype as object, handler);
  return Reflect.getMetadata(mark, method as object) ?? Reflect.getMetadata(mark, controller);
}

function responsesOf(codes: ReadonlySet<ProblemCode>): Responses {
  const statuses = new Set([...codes].map(statusOfCode));
  const withStatus = (status: number): readonly ProblemCode[] =>
    [...codes].filter((code) => statusOfCode(code) === status).sort();
  return Object.fromEntries([...statuses].map((status) => [String(status), responseOf(withStatus(status))]));
}

function responseOf(codes: readonly ProblemCode[]): Response {
  const type = { enum: codes.map(typeOfCode) };
  return {
    description: codes.map((code) => `\`${code}\``).join(', '),
    ...(codes.some((code) => WITH_RETRY_AFTER.has(code)) ? { headers: { 'Retry-After': RETRY_AFTER } } : {}),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [{ $ref: '#/components/schemas/Problem' }, { type: 'object', properties: { type } }],
        },
      },
    },
  };
}
