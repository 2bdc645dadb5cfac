import { code, codes, page, table } from './markdown.mjs';
import { commentOf, parse, sourcesIn, textOf, ts, walk } from './source.mjs';

export const restPage = async (load) => {
  const { openApiDocument } = await load('services/gateway', 'openapi/document');
  const { PERMISSIONS, ROLES } = await load('libs/platform/auth', 'permissions');
  const { DEFAULT_LIMITS } = await load('libs/domain/model', 'policy');
  const meanings = commentsOnMembers('libs/domain/model/src/policy.ts', 'Limits');
  return [
    page(
      'REST',
      `The gateway's door. The whole contract, with every schema, is the OpenAPI document at \`/v1/openapi.json\`; this page is made from it.
\`Authorization: Bearer <token>\`: a token belongs to a user and a role. Lists answer \`{items, nextCursor}\`, newest first; \`?cursor=\` goes
on. An error is \`application/problem+json\` (RFC 9457) with a stable \`code\` ([codes.md](codes.md)), \`facts\`, and for bad input \`errors\`: every
bad field with what it must be.`,
    ),
    `## Trading and what became of it\n`,
    table(['', 'does', 'narrowed by', 'answers'], operationsOf(openApiDocument())),
    `## Users, limits, tokens, exchange accounts

The gateway passes \`/v1/users\` on to [accounts](../../services/accounts/README.md#rest-the-gateway-passes-v1users-on), where bodies and rules
stand. A change is answered with 200 or 201 once every stage has stored it, with 202 and \`pendingAt\` where some have not yet.
`,
    table(
      ['', 'permission'],
      routesIn('services/accounts/src/rest')
        .filter(({ path }) => path.startsWith('/v1/'))
        .map(({ method, path, permissions }) => [code(`${method} ${path}`), codes(permissions)]),
    ),
    `### Limits of a user

\`PUT /v1/users/{userId}/limits\` replaces all; what is absent has its default, or limits nothing where there is none; zero allows nothing.
Percentages are of 100; quantities and amounts are decimals in strings, in the base currency and in US dollars.
[What each counts](../concepts/limits.md).
`,
    table(
      ['limit', 'default', ''],
      [...meanings].map(([name, meaning]) => [
        code(name),
        name in DEFAULT_LIMITS ? code(DEFAULT_LIMITS[name]) : '',
        meaning ?? '',
      ]),
    ),
    `\`accounts\` and \`venues\` hold, by accountId and by venue, limits of those accounts alone:
`,
    table(
      ['limit', ''],
      [...commentsOnMembers('libs/domain/model/src/policy.ts', 'ScopedLimits')].map(([name, meaning]) => [
        code(name),
        meaning ?? '',
      ]),
    ),
    `## Who may do what

Own: for the token's user. Any: for everybody. Each permission is checked where it is used; what has no route yet is listed all the same.
`,
    table(
      ['permission', ...ROLES],
      Object.entries(PERMISSIONS).map(([name, reach]) => [code(name), ...ROLES.map((role) => reach[role])]),
    ),
    `## On every service\n`,
    table(
      ['', ''],
      [
        ['`GET /health`', '200 while the process lives.'],
        [
          '`GET /ready`',
          '200, or 503 with `problems`: a sentence for each part that is not ready. `details.parked`: keys and events that wait for an operator, by service; they fail nobody else, so the service is ready.',
        ],
        ['`GET /metrics`', 'Prometheus; see [metrics.md](metrics.md).'],
        [
          '`GET /latency`',
          'How long each stage of this process took, by the minute of the last hour: `{stages: [{stage, from, to, count, min, max, mean, median, p95, p99}]}`, microseconds, newest first. `<service>.transaction`; of an executor `<venue>.submission` (claim to write), `.acknowledgement` (write to answer), `.execution` (claim to what came of it, stored).',
        ],
      ],
    ),
  ].join('\n');
};

/** What the gateway serves itself; users have a table of their own, with permissions. */
const operationsOf = ({ paths }) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(path.startsWith('/v1/users') ? {} : methods).map(
      ([method, { summary, parameters = [], responses }]) => [
        code(`${method.toUpperCase()} ${path}`),
        summary,
        codes(parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name)),
        Object.keys(responses).join(' '),
      ],
    ),
  );

/** Routes of Nest controllers, with the permissions that their methods ask for. */
export const routesIn = (folder) =>
  sourcesIn(folder).flatMap((file) => {
    const routes = [];
    walk(parse(file), (node) => {
      if (!ts.isClassDeclaration(node)) return;
      const controller = decoratorOf(node, /^Controller$/);
      if (controller === undefined) return;
      for (const method of node.members) {
        const route = decoratorOf(method, /^(Get|Post|Put|Patch|Delete)$/);
        if (route === undefined) continue;
        const path = `/${[controller.text, route.text].filter(Boolean).join('/')}`.replaceAll(/:(\w+)/g, '{$1}');
        routes.push({ method: route.name.toUpperCase(), path, permissions: permissionsOf(method) });
      }
    });
    return routes;
  });

const decoratorOf = (node, pattern) => {
  if (!ts.canHaveDecorators(node)) return undefined;
  for (const { expression } of ts.getDecorators(node) ?? []) {
    if (ts.isCallExpression(expression) && pattern.test(expression.expression.text)) {
      return { name: expression.expression.text, text: textOf(expression.arguments[0]) ?? '' };
    }
  }
  return undefined;
};

const permissionsOf = (method) => {
  const found = new Set();
  walk(method, (node) => {
    if (ts.isCallExpression(node) && node.expression.text === 'requirePermission') found.add(textOf(node.arguments[1]));
  });
  return [...found].filter((permission) => permission !== undefined);
};

/** The comments on the members of an interface. */
const commentsOnMembers = (file, name) => {
  const found = new Map();
  walk(parse(file), (node) => {
    if (!ts.isInterfaceDeclaration(node) || node.name.text !== name) return;
    for (const one of node.members) found.set(one.name.text, commentOf(one));
  });
  return found;
};
