import type { Command, OptionSpec } from './command.js';

/** Every command in one line each. */
export const overview = (commands: readonly Command[]): string => {
  const width = Math.max(...commands.map((command) => signatureOf(command).length));
  const lines = commands.map((command) => `  ${signatureOf(command).padEnd(width)}  ${command.summary}`);
  return `Usage: npx switchyard COMMAND [options]

${lines.join('\n')}

Options of every command: --json, --url URL, --as NAME, --help.
The token is SWITCHYARD_TOKEN, else that of --as in $SWITCHYARD_DATA_DIR/tokens.json (default .switchyard).
Exit code: 0 done; 1 refused, or not as it should be; 2 the command line is wrong; 3 nobody could be asked.
`;
};

export const helpOf = (command: Command, common: Readonly<Record<string, OptionSpec>>): string => {
  const options = { ...command.options, ...common };
  const names = Object.entries(options).map(([name, { hint }]) => `--${name}${hint === undefined ? '' : ` ${hint}`}`);
  const width = Math.max(...names.map(({ length }) => length));
  const lines = Object.values(options).map(({ help }, i) => `  ${(names[i] ?? '').padEnd(width)}  ${help}`);
  const details = command.details === undefined ? '' : `\n${command.details}\n`;
  return `Usage: npx switchyard ${signatureOf(command)} [options]\n\n${command.summary}\n${details}\n${lines.join('\n')}\n`;
};

const signatureOf = ({ name, usage }: Command): string => (usage === '' ? name : `${name} ${usage}`);
