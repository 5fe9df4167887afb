import { type AgentPubKey } from '@musubi/messaging';
import { type ExecutionContext, SetMetadata, createParamDecorator } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { ApiError } from '../problem/api-error.js';
import { type Session } from '../sessions/session.js';

/** Who makes a request, once its token is known. */
export interface Caller {
  readonly agent: AgentPubKey;
  /** Where it calls from, as `networkOf` names it. */
  readonly network: string;
  readonly token: string;
  readonly session: Session;
}

export interface CallerRequest extends FastifyRequest {
  caller?: Caller;
}

export const IS_PUBLIC = 'musubi:is-public';

/** Needs no token. */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(IS_PUBLIC, true);

export const WORKS_LOCKED = 'musubi:works-locked';

/** Needs a token, but no unlocked keys. */
export const WorksLocked = (): MethodDecorator & ClassDecorator => SetMetadata(WORKS_LOCKED, true);

/** The agent whose token came with the request. */
export const CurrentAgent = createParamDecorator(
  (_: unknown, context: ExecutionContext): AgentPubKey => callerOf(context).agent,
);

/** Who makes the request, with its token and session. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller =>
  callerOf(context),
);

function callerOf(context: ExecutionContext): Caller {
  const { caller } = context.switchToHttp().getRequest<CallerRequest>();
  if (caller === undefined) throw new Error('a route that asks for its caller cannot be public');
  return caller;
}

/** For a route that names an agent and is for that one alone. @throws ApiError `forbidden` */
export function requireSelf(agent: AgentPubKey, caller: AgentPubKey): void {
  if (agent !== caller) throw new ApiError('forbidden', 'Only the agent itself may do this.');
}
