import { parseArgs, type ParseArgsConfig } from 'node:util';
import { apiOf } from './api.js';
import type { Command, Given, OptionSpec } from './command.js';
import { COMMANDS } from './commands.js';
import { EXIT, Failure } from './failure.js';
import { helpOf, overview } from './help.js';
import type { Terminal } from './terminal.js';

/** Options of every command. */
export const COMMON: Readonly<Record<string, OptionSpec>> = {
  json: { type: 'boolean', help: 'Print the answer as JSON.' },
  url: {
    type: 'string',
    hint: 'URL',
    help: 'Where the gateway answers. Default SWITCHYARD_URL, else http://127.0.0.1:8080.',
  },
  as: { type: 'string', hint: 'NAME', help: 'Whose token of tokens.json to use: admin, operator, demo.' },
  help: { type: 'boolean', help: 'Print this.' },
};

/** Runs one command line. @returns the exit code (`EXIT`) */
export const run = async (line: readonly string[], terminal: Terminal): Promise<number> => {
  const command = COMMANDS.find(({ name }) => startsWith(line, name.split(' ')));
  const json = line.includes('--json');
  try {
    if (command === undefined) return unknownCommand(line, terminal);
    const given = parse(command, line.slice(command.name.split(' ').length));
    if (given.flag('help')) {
      terminal.out(helpOf(command, COMMON));
      return EXIT.done;
    }
    checkArity(command, given);
    const api = apiOf(terminal, { as: given.text('as') ?? command.as ?? 'operator', url: given.text('url') });
    const answer = await command.run({ api, terminal }, given);
    terminal.out(json ? `${JSON.stringify(answer.json, undefined, 2)}\n` : answer.text);
    return answer.bad === true ? EXIT.refused : EXIT.done;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (json) terminal.out(`${JSON.stringify({ error: error.message, ...error.facts }, undefined, 2)}\n`);
    terminal.err(`${error.message}\n`);
    if (error.exit === EXIT.usage && command !== undefined)
      terminal.err(`Try: npx switchyard ${command.name} --help\n`);
    return error.exit;
  }
};

const startsWith = (line: readonly string[], words: readonly string[]): boolean =>
  words.every((word, i) => line[i] === word);

/** Asked for help, it is given; else what was meant can't be told. */
const unknownCommand = (line: readonly string[], terminal: Terminal): number => {
  const words = line.filter((word) => !word.startsWith('-'));
  const asked = line.includes('--help') || line.includes('-h') || line.length === 0 || line[0] === 'help';
  const group = COMMANDS.filter(({ name }) => name.split(' ')[0] === words[line[0] === 'help' ? 1 : 0]);
  if (asked || group.length > 0) {
    const text = overview(group.length > 0 ? group : COMMANDS);
    if (asked) terminal.out(text);
    else terminal.err(text);
    return asked ? EXIT.done : EXIT.usage;
  }
  terminal.err(`There is no command "${words.slice(0, 2).join(' ')}".\n\n${overview(COMMANDS)}`);
  return EXIT.usage;
};

const parse = (command: Command, args: readonly string[]): Given => {
  const specs = { ...COMMON, ...command.options };
  const options: NonNullable<ParseArgsConfig['options']> = Object.fromEntries(
    Object.entries(specs).map(([name, { type, multiple = false }]) => [
      name,
      { type, multiple, ...(name === 'help' ? { short: 'h' } : {}) },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    const all = values as Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
    return {
      arguments: positionals,
      text: (name) => {
        const value = all[name];
        return typeof value === 'string' ? value : undefined;
      },
      texts: (name) => (Array.isArray(all[name]) ? (all[name] as readonly string[]) : []),
      flag: (name) => all[name] === true,
    };
  } catch (error) {
    const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split('. To specify');
    throw new Failure(EXIT.usage, sentence);
  }
};

const checkArity = ({ name, usage, arity: [least, most] }: Command, given: Given): void => {
  const count = given.arguments.length;
  if (count < least || count > most)
    throw new Failure(EXIT.usage, `Usage: npx switchyard ${name}${usage === '' ? '' : ` ${usage}`}`);
};
