import { LogController } from 'fastify';

const PROBES: ReadonlySet<string> = new Set(['/health/live', '/health/ready']);

/** Whether a balancer or an engine asks for the service's health: every few seconds, for ever. */
export function isProbe(url: string): boolean {
  return PROBES.has(url.split('?')[0] ?? '');
}

/** Logs requests, but no probes: two lines each would soon be most of the log. */
export function quietAboutProbes(): LogController {
  return new LogController({ disableRequestLogging: ({ url }) => isProbe(url) });
}
