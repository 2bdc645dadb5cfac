import { code, codes, page, table } from './markdown.mjs';
import { constantsOf, member, parse, sourcesIn, textOf, textsOf, ts, walk } from './source.mjs';

const KINDS = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  Counter: 'counter',
  Gauge: 'gauge',
  Histogram: 'histogram',
};

export const metricsPage = () => {
  const metrics = new Map();
  for (const file of [...sourcesIn('libs'), ...sourcesIn('services')]) {
    for (const metric of metricsIn(file)) {
      const known = metrics.get(metric.name);
      metrics.set(metric.name, { ...metric, owners: new Set([...(known?.owners ?? []), ownerOf(file)]) });
    }
  }
  return [
    page(
      'Metrics',
      `What \`GET /metrics\` tells, in the text format of Prometheus, beside Node's own process metrics. Every sample carries \`service\`: the
service's name, or \`switchyard\` where all run in one process (\`npm start\`); metrics of a stage then say by their own label which stage they
are of. Labels take few values: never a user, an order or a signal. What has labels does not appear before it was first counted.`,
    ),
    table(
      ['metric', 'kind', 'labels', 'of', ''],
      [...metrics.values()]
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map(({ name, kind, labels, owners, help }) => [
          code(name),
          kind,
          codes(labels),
          [...owners].sort().join(', '),
          help.replace(/\.$/, ''),
        ]),
    ),
  ].join('\n');
};

const ownerOf = (file) => {
  const [group, name] = file.split('/');
  return group === 'services' ? name : 'every service';
};

const metricsIn = (file) => {
  const source = parse(file);
  const constants = constantsOf(source);
  const found = [];
  walk(source, (node) => {
    if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return;
    const kind = ts.isIdentifier(node.expression) ? KINDS[node.expression.text] : undefined;
    const options = node.arguments?.at(-1);
    if (kind !== undefined && options !== undefined && ts.isObjectLiteralExpression(options)) {
      const name = textOf(member(options, 'name'));
      const help = textOf(member(options, 'help'));
      const labels = textsOf(member(options, 'labels') ?? member(options, 'labelNames'), constants);
      if (name !== undefined && help !== undefined) found.push({ name: prefixed(name), help, labels, kind });
      return;
    }
    // The paper exchange's gauges: `count('switchyard_paper_orders', 'Orders received so far.', ...)`.
    const [name, help] = (node.arguments ?? []).map(textOf);
    if (name?.startsWith('switchyard_') && help !== undefined) found.push({ name, help, labels: [], kind: 'gauge' });
  });
  return found;
};

const prefixed = (name) => (name.startsWith('switchyard_') ? name : `switchyard_${name}`);
