/**
 * REST as every service speaks it.
 *
 *     const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(FASTIFY_OPTIONS));
 *     app.useGlobalFilters(new ProblemFilter(logger));       // every error: application/problem+json (RFC 9457)
 *
 *     @UseGuards(BearerGuard)                                // needs a provider of INTROSPECTOR in the module
 *     @Controller('v1/users')
 *     class Users {
 *       @Post()
 *       create(@Caller() caller: Principal, @Body(validated(newUser)) input: NewUser) {
 *         requirePermission(caller, 'users.create');         // 403 FORBIDDEN
 *         throw new Problem('CONFLICT', 'This user exists already.', { facts: { userId } });
 *       }
 *     }
 *
 * Bad JSON: 400 BAD_REQUEST. Bad fields: 400 MALFORMED with `errors: [{path, problem}]`. Over 1 MB: 413 TOO_LARGE. No token: 401
 * UNAUTHENTICATED. No such path: 404 NOT_FOUND. Database away: 503 UNAVAILABLE. Anything else: 500 INTERNAL, logged with the request's id.
 */
export {
  Problem,
  problemOf,
  STATUS_BY_CODE,
  type FieldError,
  type ProblemBody,
  type ProblemOptions,
} from './problem.js';
export { ProblemFilter, toProblem, type FailureLog } from './problem-filter.js';
export { check, fieldErrors, validated } from './validated.js';
export { BearerGuard, bearerOf, Caller, INTROSPECTOR, Public, requirePermission } from './bearer.js';
export {
  cachedIntrospector,
  cachedWebhookIntrospector,
  httpIntrospector,
  httpWebhookIntrospector,
  type CacheOptions,
  type IntrospectionAnswer,
  type Introspector,
  type WebhookAnswer,
  type WebhookIntrospector,
} from './introspection.js';
export { isNetwork, Networks, senderOf } from './sender-address.js';
export { FASTIFY_OPTIONS } from './fastify-options.js';
