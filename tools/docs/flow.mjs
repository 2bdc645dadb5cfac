import { member, parse, sourcesIn, textOf, ts, walk } from './source.mjs';

/**
 * Which services write and read each event type, as their code says: `@Consume({ topic })` and `tail(topic)` read, `{ topic }` and
 * `{ type }` of an outgoing event and `topicOf(type, venue)` write. The journal reads everything, by a list and not by name.
 */
export const flowOf = (types) => {
  const flow = new Map(types.map((type) => [type, { writers: new Set(), readers: new Set() }]));
  const note = (kind, text, service) => {
    const type = text?.replace(/\.\{venue\}$/, '');
    flow.get(type)?.[kind].add(service);
  };
  for (const file of sourcesIn('services')) {
    const service = file.split('/')[1];
    walk(parse(file), (node) => {
      if (ts.isCallExpression(node)) {
        const name = ts.isPropertyAccessExpression(node.expression) ? node.expression.name.text : node.expression.text;
        const [first] = node.arguments;
        if (name === 'tail') note('readers', textOf(first), service);
        if (name === 'topicOf') note('writers', textOf(first), service);
        if (name === 'Consume' && first && ts.isObjectLiteralExpression(first))
          note('readers', textOf(member(first, 'topic')), service);
      }
      if (ts.isObjectLiteralExpression(node) && node.parent.expression?.text !== 'Consume') {
        note('writers', textOf(member(node, 'topic')), service);
        note('writers', textOf(member(node, 'type')), service);
      }
    });
  }
  return flow;
};
