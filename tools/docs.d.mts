/** Every generated page of the docs by its path. `load` imports a module of a package, given its folder and the module's path in it. */
export function pages(
  load: (folder: string, module: string) => Promise<unknown>,
): Promise<Readonly<Record<string, string>>>;
