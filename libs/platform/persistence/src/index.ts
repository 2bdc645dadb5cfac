export type { Database, Queryable, Statement, Tx } from './database.js';
