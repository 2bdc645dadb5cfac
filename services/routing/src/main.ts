import { runService } from '@switchyard/runtime';
import { routing } from './index.js';

await runService(routing);
