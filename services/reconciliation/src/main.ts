import { runService } from '@switchyard/runtime';
import { reconciliation } from './index.js';

await runService(reconciliation);
