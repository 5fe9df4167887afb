import { type AgentPubKey } from '@musubi/messaging';
import { type ExecutionContext, SetMetadata, createParamDecorator } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';

/** Who makes a request, once its token is known. */
export interface Caller {
  readonly agent: AgentPubKey;
  readonly token: string;
}

export interface CallerRequest extends FastifyRequest {
  caller?: Caller;
}

export const IS_PUBLIC = 'musubi:is-public';

/** Needs no token. */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(IS_PUBLIC, true);

/** The agent whose token came with the request. */
export const CurrentAgent = createParamDecorator(
  (_: unknown, context: ExecutionContext): AgentPubKey => callerOf(context).agent,
);

/** The token that came with the request. */
export const CurrentToken = createParamDecorator(
  (_: unknown, context: ExecutionContext): string => callerOf(context).token,
);

function callerOf(context: ExecutionContext): Caller {
  const { caller } = context.switchToHttp().getRequest<CallerRequest>();
  if (caller === undefined) throw new Error('a route that asks for its caller cannot be public');
  return caller;
}
