/**
 * ccxt's real class of a venue, as its own file exports it: the package's entry would load all of them. What a test uses of it is declared by
 * the test.
 */
export const ccxtClass = async <Exchange>(venue: string): Promise<new (options: object) => Exchange> => {
  const file = new URL(`./src/${venue}.js`, import.meta.resolve('ccxt')).href;
  return ((await import(file)) as { readonly default: new (options: object) => Exchange }).default;
};
