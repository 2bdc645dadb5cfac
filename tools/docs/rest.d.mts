/** Routes of the Nest controllers in a folder, with the permissions that their methods ask for. */
export function routesIn(
  folder: string,
): readonly { readonly method: string; readonly path: string; readonly permissions: readonly string[] }[];
