import { mapInSlices } from '@musubi/crypto';
import { type FastifyInstance } from 'fastify';

interface Page {
  readonly items: readonly object[];
}

/** Makes the JSON of a page item by item, in slices between which others have the thread. */
export function serializeInSlices(http: FastifyInstance): void {
  http.addHook('preSerialization', async (_request, reply, payload) => {
    if (!isPage(payload)) return payload;
    const json = await jsonOfPage(payload);
    reply.serializer(() => json);
    return payload;
  });
}

/** The JSON of each. */
export async function jsonsOf(all: readonly object[]): Promise<readonly string[]> {
  const made = new Map<object, string>();
  const bytesOf = (value: object): number => {
    const json = JSON.stringify(value);
    made.set(value, json);
    return json.length;
  };
  return mapInSlices(all, bytesOf, (value) => made.get(value) ?? '');
}

async function jsonOfPage({ items, ...rest }: Page): Promise<string> {
  const others = JSON.stringify(rest).slice(1);
  return `{"items":[${(await jsonsOf(items)).join(',')}]${others === '}' ? '' : ','}${others}`;
}

function isPage(payload: unknown): payload is Page {
  if (typeof payload !== 'object' || payload === null || !('items' in payload)) return false;
  return Array.isArray(payload.items);
}
