import { runService } from '@switchyard/runtime';
import { signalValidation } from './index.js';

await runService(signalValidation);
