import { RequestMethod, type INestApplication } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';

/** Every route that an application serves, as its controllers declare it: `GET /v1/users/:userId`. */
export const servedRoutes = (app: INestApplication): readonly string[] =>
  [...app.get(ModulesContainer).values()]
    .flatMap(({ controllers }) => [...controllers.values()])
    .flatMap(({ metatype }) => (typeof metatype === 'function' ? routesOf(metatype as Controller) : []))
    .toSorted();

type Controller = (new (...args: never[]) => unknown) & { readonly prototype: object };

const routesOf = (controller: Controller): readonly string[] =>
  Object.getOwnPropertyNames(controller.prototype).flatMap((name) => {
    const handler: unknown = Object.getOwnPropertyDescriptor(controller.prototype, name)?.value;
    const method = typeof handler === 'function' ? (metadata('method', handler) as number | undefined) : undefined;
    if (method === undefined) return [];
    return pathsOf(controller).flatMap((prefix) =>
      pathsOf(handler as object).map((path) => `${RequestMethod[method] ?? ''} ${joined(prefix, path)}`),
    );
  });

const pathsOf = (target: object): readonly string[] => {
  const path = metadata('path', target) as string | readonly string[] | undefined;
  return typeof path === 'string' ? [path] : (path ?? ['']);
};

/** What Nest's decorators have written down (`reflect-metadata`). */
const metadata = (key: string, target: object): unknown =>
  (Reflect as unknown as { getMetadata(key: string, target: object): unknown }).getMetadata(key, target);

const joined = (...parts: readonly string[]): string =>
  `/${parts
    .map((part) => part.replace(/^\/+|\/+$/g, ''))
    .filter((part) => part !== '')
    .join('/')}`;
