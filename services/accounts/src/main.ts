import { runService } from '@switchyard/runtime';
import { accounts } from './index.js';

await runService(accounts);
