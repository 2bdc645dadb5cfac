import { runService } from '@switchyard/runtime';
import { gateway } from './index.js';

await runService(gateway);
