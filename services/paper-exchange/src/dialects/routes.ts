/** What a path names, by the name it has in the route: `/v2/orders/:id`. */
export type PathParameters = Readonly<Record<string, string>>;

export interface Routed<Route> {
  readonly route: Route;
  readonly path: PathParameters;
}

/** Finds the route of a request in a table by method and path, each once: `GET /v2/orders/:id`. Plain paths go before those with a `:`. */
export const routesOf = <Route>(
  table: Readonly<Record<string, Route>>,
): ((method: string, path: string) => Routed<Route> | undefined) => {
  const plain = new Map(Object.entries(table).filter(([name]) => !name.includes(':')));
  const patterns = Object.entries(table)
    .filter(([name]) => name.includes(':'))
    .map(([name, route]) => ({ parts: name.split('/'), route }));
  return (method, path) => {
    const asked = `${method} ${path}`;
    const known = plain.get(asked);
    if (known !== undefined) return { route: known, path: {} };
    const given = asked.split('/');
    for (const { parts, route } of patterns) {
      if (parts.length !== given.length) continue;
      if (!parts.every((part, i) => part.startsWith(':') || part === given[i])) continue;
      const named = parts.flatMap((part, i) =>
        part.startsWith(':') ? [[part.slice(1), decodeURIComponent(given[i] ?? '')] as const] : [],
      );
      return { route, path: Object.fromEntries(named) };
    }
    return undefined;
  };
};
