import { runService } from '@switchyard/runtime';
import { execution } from './index.js';

// One process, one venue: SWITCHYARD_VENUE=binance.
await runService(execution(process.env['SWITCHYARD_VENUE'] ?? 'binance'));
