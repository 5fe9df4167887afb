import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** In an HTTP request: whatever is begun while it is answered belongs to it, and no timer or poll does. */
const requests = new AsyncLocalStorage<Set<string>>();

const REQUEST_STARTED = 'http.server.request.start';

declare global {
  /** Called by each function of the sources that `traced-loader.js` has loaded. */
  var entered: ((file: string) => void) | undefined;
}

/** The source files that the requests of some work run through, in the order in which they are entered first. */
export async function filesEntered(work: () => Promise<unknown>): Promise<readonly string[]> {
  const files = new Set<string>();
  const begin = (): void => {
    requests.enterWith(files);
  };
  globalThis.entered = (file) => requests.getStore()?.add(file);
  subscribe(REQUEST_STARTED, begin);
  try {
    await work();
  } finally {
    unsubscribe(REQUEST_STARTED, begin);
    globalThis.entered = undefined;
  }
  return [...files];
}
