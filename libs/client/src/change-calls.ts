import { type Client as HttpClient } from 'openapi-fetch';
import { dataOf } from './answers.js';
import { type ChangeSource } from './changes.js';
import { type paths } from './openapi.js';
import { type Call, type Transport } from './transport.js';

const MS_PER_S = 1000;
const PAGE = 200;

interface ChangeCallParts {
  readonly http: HttpClient<paths, 'application/json'>;
  readonly transport: Transport;
  /** Of the service, without `/v1`. */
  readonly url: string;
}

/** The two ways to learn of changes. Each is one attempt: what reads them goes on by itself. */
export function changeCalls({
  http,
  transport,
  url,
}: ChangeCallParts): Pick<ChangeSource, 'page' | 'stream' | 'recover'> {
  return {
    page: async (since, { signal, waitS = 0 }) => {
      const query = { limit: PAGE, wait: waitS, ...(since === undefined ? {} : { since }) };
      const call: Call = { signal, waitMs: waitS * MS_PER_S, isSingle: true };
      return dataOf(await http.GET('/v1/changes', { params: { query }, fetch: transport.for(call) }));
    },
    stream: (since, signal) => {
      const headers = { accept: 'text/event-stream', 'last-event-id': since };
      const address = `${url.replace(/\/+$/, '')}/v1/signals`;
      return transport.open(new Request(address, { headers, redirect: 'error' }), signal);
    },
    recover: (error, signal) => transport.recover(error, signal),
  };
}
