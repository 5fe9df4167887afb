// Nothing else is loaded here: a signal that comes while the rest loads ends the process cleanly, too.
import { watchStopSignals } from './lifecycle/stop-signals.js';

const stopping = watchStopSignals();
const leave = (): void => process.exit(0);
stopping.addEventListener('abort', leave);
const { serve } = await import('./serve.js');
stopping.removeEventListener('abort', leave);

await serve(stopping);
