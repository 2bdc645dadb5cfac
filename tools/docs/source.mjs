// What only the source text says: comments on schemas' fields, routes, metrics. Read with the TypeScript compiler's own parser.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../packages.mjs';

/** Source files below a folder, tests apart, sorted. */
export const sourcesIn = (folder) =>
  readdirSync(join(root, folder), { recursive: true })
    .map((file) => `${folder}/${String(file)}`)
    .filter(
      (file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && !/\/(node_modules|dist|gen|testing)\//.test(file),
    )
    .sort();

/** @returns {ts.SourceFile} */
export const parse = (file) =>
  ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);

export const walk = (node, visit) => {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
};

/** The documentation comment right before a node, as one line. */
export const commentOf = (node) => {
  const text = node.getSourceFile().text;
  const ranges = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [];
  const last = ranges.map(({ pos, end }) => text.slice(pos, end)).findLast((comment) => comment.startsWith('/**'));
  return last
    ?.slice(3, -2)
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, '').trim())
    .join(' ')
    .trim();
};

/** The text of a string literal, or of a constant of the same file; undefined for anything that is computed. */
export const textOf = (node) => (node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined);

/** Constants of a file by name. */
export const constantsOf = (source) => {
  const constants = new Map();
  walk(source, (node) => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer) {
      constants.set(node.name.text, node.initializer);
    }
  });
  return constants;
};

/** `x as const`, `x satisfies T` and `(x)` are x. */
export const bare = (node) =>
  ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node)
    ? bare(node.expression)
    : node;

/** The texts of a list of string literals, which may stand in a constant; empty where there is none. */
export const textsOf = (node, constants) => {
  if (node === undefined) return [];
  const list = bare(node);
  if (ts.isIdentifier(list)) return textsOf(constants.get(list.text), constants);
  return ts.isArrayLiteralExpression(list) ? list.elements.map((element) => element.text) : [];
};

/** A member of an object literal, shorthand or not. */
export const member = (object, name) => {
  const found = object.properties.find((property) => property.name?.text === name);
  if (found === undefined) return undefined;
  return ts.isShorthandPropertyAssignment(found) ? found.name : found.initializer;
};

export { ts };
