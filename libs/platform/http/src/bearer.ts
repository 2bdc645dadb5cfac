import {
  createParamDecorator,
  Inject,
  Injectable,
  SetMetadata,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { allows, isToken, type Permission, type Principal } from '@switchyard/auth';
import type { Introspector } from './introspection.js';
import { Problem } from './problem.js';
import { unauthenticated } from './problem-filter.js';

/** Injection token of the `Introspector` that `BearerGuard` asks. */
export const INTROSPECTOR = Symbol('switchyard:introspector');

const PUBLIC = 'switchyard:public';

/** Marks a controller or a method that needs no token. */
export const Public = (): ClassDecorator & MethodDecorator => SetMetadata(PUBLIC, true);

interface AuthenticatedRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  caller?: Principal;
}

/** Lets in who has a valid bearer token, and remembers whom it speaks for. */
@Injectable()
export class BearerGuard implements CanActivate {
  readonly #introspector: Introspector;
  readonly #reflector: Reflector;

  constructor(@Inject(INTROSPECTOR) introspector: Introspector, reflector: Reflector) {
    this.#introspector = introspector;
    this.#reflector = reflector;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (
      this.#reflector.getAllAndOverride<boolean | undefined>(PUBLIC, [context.getHandler(), context.getClass()]) ===
      true
    )
      return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const token = bearerOf(request.headers['authorization']);
    const caller = token === undefined ? undefined : await this.#introspector.introspect(token);
    if (caller === undefined) throw unauthenticated();
    request.caller = caller;
    return true;
  }
}

/** Whom the request speaks for: `@Caller() caller: Principal`. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { caller } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (caller === undefined) throw unauthenticated();
  return caller;
});

/** Throws `Problem` FORBIDDEN unless the caller may do this for that user, or (without one) for everyone. */
export const requirePermission = (caller: Principal, permission: Permission, forUser?: string): void => {
  if (allows(caller, permission, forUser)) return;
  throw new Problem('FORBIDDEN', 'The token does not allow this.', {
    facts: { permission, role: caller.role, ...(forUser === undefined ? {} : { userId: forUser }) },
  });
};

/** The token of an `Authorization: Bearer` header. */
export const bearerOf = (header: string | undefined): string | undefined => {
  const token = /^bearer +(\S+) *$/i.exec(header ?? '')?.[1];
  return token !== undefined && isToken(token) ? token : undefined;
};
