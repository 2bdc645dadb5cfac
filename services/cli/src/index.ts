export { EXIT } from './failure.js';
export { run } from './run.js';
export { processTerminal, type Terminal } from './terminal.js';
