/** The first lines of every generated page. */
export const page = (title, intro) =>
  `<!-- Made by \`npm run docs\` from the source: change it there. -->\n\n# ${title}\n\n${intro.trim()}\n`;

/** A cell: no line breaks, and no bar that would end it. */
const cell = (text) =>
  String(text ?? '')
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll('|', '\\|')
    .trim();

export const table = (head, rows) =>
  [
    `| ${head.join(' | ')} |`,
    `|${head.map(() => '---').join('|')}|`,
    ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`),
    '',
  ].join('\n');

export const code = (text) => `\`${text}\``;

/** `a`, `b` and so on, each as code. */
export const codes = (texts) => [...texts].map(code).join(', ');
