import { runService } from '@switchyard/runtime';
import { marketData } from './index.js';

await runService(marketData);
