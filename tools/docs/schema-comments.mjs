import { bare, commentOf, constantsOf, parse, sourcesIn, ts } from './source.mjs';

/**
 * The comments on the fields of zod schemas below a folder: by the constant that holds the schema, then by path (`caps[].quantity`).
 * Follows what a schema is put together from: spreads, other constants, lists, nested objects.
 */
export const schemaComments = (folder) => {
  const constants = new Map(sourcesIn(folder).flatMap((file) => [...constantsOf(parse(file))]));
  return (name) => {
    const found = new Map();
    collect(constants.get(name), '', constants, found);
    return found;
  };
};

const collect = (node, prefix, constants, found) => {
  if (node === undefined) return;
  const value = bare(node);
  if (ts.isIdentifier(value)) return collect(constants.get(value.text), prefix, constants, found);
  if (ts.isObjectLiteralExpression(value)) return collectFields(value, prefix, constants, found);
  if (!ts.isCallExpression(value)) return;
  const called = value.expression;
  const [argument] = value.arguments;
  if (!ts.isPropertyAccessExpression(called)) return;
  if (called.name.text === 'object' || called.name.text === 'strictObject')
    return collect(argument, prefix, constants, found);
  if (called.name.text === 'array') return collect(argument, `${prefix}[]`, constants, found);
  // `.optional()`, `.refine(...)`, `.min(1)`: what stands before the dot.
  return collect(called.expression, prefix, constants, found);
};

const collectFields = (object, prefix, constants, found) => {
  for (const property of object.properties) {
    if (ts.isSpreadAssignment(property)) {
      collect(property.expression, prefix, constants, found);
      continue;
    }
    const path = prefix === '' ? property.name.text : `${prefix}.${property.name.text}`;
    const comment = commentOf(property);
    if (comment) found.set(path, comment);
    collect(ts.isShorthandPropertyAssignment(property) ? property.name : property.initializer, path, constants, found);
  }
};
