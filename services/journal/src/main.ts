import { runService } from '@switchyard/runtime';
import { journal } from './index.js';

await runService(journal);
