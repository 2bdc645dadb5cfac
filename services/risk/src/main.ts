import { runService } from '@switchyard/runtime';
import { risk } from './index.js';

await runService(risk);
