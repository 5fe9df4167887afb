import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { z } from 'zod';
import { Client } from '../apps/api/test/support/client.js';
import { type TestService, openService } from '../apps/api/test/support/open-service.js';

const CALLS = [
  'POST /v1/agents',
  'GET /v1/agents',
  'GET /v1/agents/{agent}',
  'POST /v1/agents/import',
  'POST /v1/agents/{agent}/deletion',
  'POST /v1/agents/{agent}/export',
  'POST /v1/agents/{agent}/recovery',
  'POST /v1/agents/{agent}/recovery-words',
  'POST /v1/agents/{agent}/return',
  'PUT /v1/agents/{agent}/passphrase',
  'GET /v1/agents/{agent}/card',
  'GET /v1/contacts',
  'GET /v1/contacts/{agent}',
  'PUT /v1/contacts/{agent}',
  'DELETE /v1/contacts/{agent}',
  'GET /v1/blocks',
  'GET /v1/blocks/{agent}',
  'PUT /v1/blocks/{agent}',
  'DELETE /v1/blocks/{agent}',
  'GET /v1/settings',
  'PUT /v1/settings',
  'GET /v1/node',
  'POST /v1/sessions',
  'GET /v1/sessions',
  'DELETE /v1/sessions',
  'DELETE /v1/sessions/current',
  'DELETE /v1/sessions/{session}',
  'GET /v1/start',
  'GET /v1/strategies',
  'GET /v1/strategies/{strategy}',
  'POST /v1/strategies/{strategy}/messages',
  'GET /v1/strategies/{strategy}/messages',
  'GET /v1/strategies/{strategy}/messages/{message}',
  'DELETE /v1/strategies/{strategy}/messages/{message}',
  'POST /v1/strategies/{strategy}/messages/{message}/retry',
  'PUT /v1/strategies/{strategy}/messages/{message}/pin',
  'DELETE /v1/strategies/{strategy}/messages/{message}/pin',
  'GET /v1/strategies/{strategy}/pins',
  'GET /v1/strategies/{strategy}/conversations',
  'GET /v1/strategies/{strategy}/search',
  'POST /v1/strategies/{strategy}/receipts',
  'POST /v1/files',
  'GET /v1/files/{file}',
  'GET /v1/files/{file}/thumbnail',
  'DELETE /v1/files/{file}',
  'POST /v1/uploads',
  'GET /v1/uploads',
  'HEAD /v1/uploads/{upload}',
  'PATCH /v1/uploads/{upload}',
  'DELETE /v1/uploads/{upload}',
  'POST /v1/strategies/{strategy}/typing',
  'GET /v1/clones',
  'GET /v1/clones/{peer}',
  'PUT /v1/clones',
  'PUT /v1/clones/{peer}',
  'GET /v1/changes',
  'GET /v1/signals',
  'GET /health/live',
  'GET /health/ready',
];
const NUMBERS: Readonly<Record<string, object>> = {
  limit: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
  wait: { type: 'integer', minimum: 0, maximum: 30, default: 0 },
};
const PUBLIC_CALLS = [
  'POST /v1/agents',
  'POST /v1/agents/import',
  'POST /v1/agents/{agent}/recovery',
  'POST /v1/sessions',
];

const contentSchema = z.record(z.string(), z.object({ schema: z.record(z.string(), z.unknown()) }));
const parameterSchema = z.object({ name: z.string(), in: z.enum(['path', 'query', 'header']) });
const operationSchema = z.object({
  parameters: z.array(parameterSchema.extend({ schema: z.record(z.string(), z.unknown()) })).default([]),
  requestBody: z.object({ content: contentSchema }).optional(),
  responses: z.record(z.string(), z.object({ content: contentSchema.optional() })),
  security: z.array(z.record(z.string(), z.array(z.string()))).default([]),
});
const documentSchema = z.object({
  openapi: z.string().regex(/^3\./),
  info: z.object({ title: z.literal('Musubi'), version: z.string() }),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.object({ schemas: z.record(z.string(), z.unknown()).default({}) }),
});
type Operation = z.infer<typeof operationSchema>;

let service: TestService;
let client: Client;
let text: string;
let operations: ReadonlyMap<string, Operation>;

const operation = (call: string): Operation => {
  const found = operations.get(call);
  if (found === undefined) throw new Error(`${call} is not described`);
  return found;
};

beforeAll(async () => {
  service = await openService();
  client = new Client(service.url);
  text = await (await client.request('/openapi.json')).text();
  const { paths } = documentSchema.parse(JSON.parse(text));
  operations = new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, one]) => [`${method.toUpperCase()} ${path}`, one] as const),
    ),
  );
});

afterAll(() => service.close());

describe('/openapi.json', () => {
  it('describes the calls of this version and no others', () => {
    expect([...operations.keys()].sort()).toEqual([...CALLS].sort());
  });

  it.each(CALLS)('names each parameter in the path of %s', (call) => {
    const inPath = operation(call).parameters.filter((parameter) => parameter.in === 'path');

    expect(inPath.map(({ name }) => `{${name}}`).sort()).toEqual([...(call.match(/\{\w+\}/g) ?? [])].sort());
  });

  it.each([
    ['POST /v1/agents', 'nickname'],
    ['POST /v1/sessions', 'passphrase'],
    ['POST /v1/strategies/{strategy}/messages', 'payload'],
    ['POST /v1/agents/{agent}/deletion', 'passphrase'],
    ['POST /v1/strategies/{strategy}/receipts', 'messages'],
    ['POST /v1/strategies/{strategy}/typing', 'typing'],
    ['PUT /v1/clones/{peer}', 'enabled'],
    ['PUT /v1/contacts/{agent}', 'card'],
    ['PUT /v1/settings', 'whoMayWrite'],
  ])('gives the body of %s a schema', (call, property) => {
    const schema = operation(call).requestBody?.content['application/json']?.schema;

    expect(JSON.stringify(schema)).toContain(`"${property}"`);
  });

  it.each(
    CALLS.filter(
      (call) =>
        !/^DELETE|^HEAD|signals$|card$|deletion$|export$|return$|typing$|thumbnail$|\{file\}$/.test(call),
    ),
  )('gives the answer of %s a schema', (call) => {
    const { responses } = operation(call);
    const success = responses['200'] ?? responses['201'];

    expect(Object.keys(success?.content?.['application/json']?.schema ?? {})).not.toEqual([]);
  });

  it.each(
    CALLS.filter((call) => !PUBLIC_CALLS.includes(call) && !/health|strategies$|\{strategy\}$/.test(call)),
  )('tells that %s needs a token', (call) => {
    expect(operation(call).security).toEqual([{ bearer: [] }]);
  });

  it.each(['with', 'before', 'after', 'around', 'on', 'limit'])('describes %s of a page', (name) => {
    const { parameters } = operation('GET /v1/strategies/{strategy}/messages');

    expect(parameters).toContainEqual(expect.objectContaining({ name, in: 'query' }));
  });

  it.each(['Idempotency-Key', 'Prefer'])('describes the header %s', (name) => {
    const { parameters } = operation('POST /v1/strategies/{strategy}/messages');

    expect(parameters).toContainEqual(expect.objectContaining({ name, in: 'header' }));
  });

  it('refers to nothing that it does not hold', () => {
    const document = documentSchema.parse(JSON.parse(text));
    const names = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name);

    expect(names.filter((name) => !Object.hasOwn(document.components.schemas, name ?? ''))).toEqual([]);
  });
});

describe('the description, to a validator', () => {
  it('is OpenAPI', async () => {
    const validator = new Validator();

    expect(await validator.validate(JSON.parse(text) as Record<string, unknown>)).toEqual({ valid: true });
    expect(validator.version).toBe('3.0');
  });
});

describe('a number in a query', () => {
  it.each(CALLS.filter((call) => call.startsWith('GET')))('is described as an integer: %s', (call) => {
    const { parameters } = operation(call);
    const numbers = parameters.filter(({ name }) => name === 'limit' || name === 'wait');

    expect(numbers.map(({ name, schema }) => [name, schema])).toEqual(
      numbers.map(({ name }) => [name, expect.objectContaining(NUMBERS[name] ?? {})]),
    );
  });

  it('is there', () => {
    const { parameters } = operation('GET /v1/changes');

    expect(parameters.map(({ name }) => name).sort()).toEqual(['limit', 'since', 'wait']);
  });
});

describe('the stream of signals', () => {
  it('is described as one, with its events', () => {
    const { content = {} } = operation('GET /v1/signals').responses['200'] ?? {};

    expect(Object.keys(content)).toEqual(['text/event-stream']);
    const schema = JSON.stringify(content['text/event-stream']?.schema);
    for (const event of ['message', 'receipt', 'delivery-failed', 'deleted', 'typing', 'heartbeat'])
      expect(schema).toContain(`"${event}"`);
  });
});

describe('/docs', () => {
  it('is a page', async () => {
    const answer = await client.request('/docs');

    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      expect.stringMatching(/^text\/html/),
    ]);
  });
});
