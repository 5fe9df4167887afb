import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { type FastifyRequest } from 'fastify';
import { ApiError } from '../problem/api-error.js';

/** Refuses a query where a route reads none. A route that reads one has a schema, which refuses what it does not know. */
@Injectable()
export class QueryGuard implements CanActivate {
  canActivate(context: ExecutionContext): true {
    const unknown = Object.keys(context.switchToHttp().getRequest<FastifyRequest>().query ?? {});
    if (unknown.length === 0 || readsQuery(context)) return true;
    throw new ApiError(
      'invalid',
      'This route takes no query.',
      unknown.map((path) => ({ path, message: 'unknown' })),
    );
  }
}

/** Nest keeps a route's parameters under `<type>:<place>`. */
function readsQuery(context: ExecutionContext): boolean {
  const parameters: unknown = Reflect.getMetadata(
    ROUTE_ARGS_METADATA,
    context.getClass(),
    context.getHandler().name,
  );
  const names = typeof parameters === 'object' && parameters !== null ? Object.keys(parameters) : [];
  return names.some((name) => name.startsWith(`${RouteParamtypes.QUERY}:`));
}
