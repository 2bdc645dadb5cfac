export { BadSettings, exitCodeOf } from './bad-settings.js';
export {
  BAD_CONFIG_EXIT_CODE,
  CONFIG_SECTIONS,
  describeProblems,
  loadConfig,
  parseConfig,
  type ConfigProblem,
  type Environment,
  type ParsedConfig,
} from './config.js';
export {
  flag,
  fractionalNumber,
  list,
  milliseconds,
  oneOf,
  port,
  seconds,
  secret,
  someOf,
  text,
  url,
  wholeNumber,
  type Range,
} from './variables.js';
export { vaultOf, vaultVariables, type VaultSettings } from './vault.js';
