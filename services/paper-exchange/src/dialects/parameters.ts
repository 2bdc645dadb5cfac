/**
 * A request's parameters as text, wherever they stood: query, form or the first level of a JSON body. A JSON number is taken as it would be
 * written; lists and objects as their JSON. A body that is no JSON although it begins like one has none.
 */
export const readParameters = (query: string, body: string): ReadonlyMap<string, string> => {
  const isJson = body.trimStart().startsWith('{');
  const entries = [...new URLSearchParams(query), ...(isJson ? fromJson(body) : new URLSearchParams(body))];
  const values = new Map<string, string>();
  // Of a name that comes twice the first counts.
  for (const [name, value] of entries) if (!values.has(name)) values.set(name, value);
  return values;
};

const fromJson = (body: string): readonly (readonly [string, string])[] => {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return [];
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value as Readonly<Record<string, unknown>>)
    .filter(([, member]) => member !== null)
    .map(([name, member]) => [name, typeof member === 'string' ? member : JSON.stringify(member)]);
};
