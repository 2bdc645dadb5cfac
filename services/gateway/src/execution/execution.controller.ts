import { Controller, Get, Inject, UseGuards } from '@nestjs/common';
import { BearerGuard, Public } from '@switchyard/http';
import { ExecutionFigures } from './execution-figures.js';
import { ExecutionMonitor, type MonitorView } from './execution-monitor.js';
import { VenueBoard, type VenueView } from './venue-board.js';

const UNMEASURED = new Map<string, never>();

@UseGuards(BearerGuard)
@Controller('execution')
export class ExecutionController {
  constructor(
    @Inject(VenueBoard) private readonly board: VenueBoard,
    @Inject(ExecutionFigures) private readonly figures: ExecutionFigures,
    @Inject(ExecutionMonitor) private readonly monitored: ExecutionMonitor,
  ) {}

  /** For probes and dashboards: open, it names no user and no figure. */
  @Public()
  @Get('health')
  health() {
    const venues = this.board
      .views(UNMEASURED)
      .map(({ venue, healthy, circuitState }) => ({ venue, healthy, circuitState }));
    const healthy = venues.filter((venue) => venue.healthy).length;
    return { status: healthy === venues.length ? 'healthy' : healthy > 0 ? 'degraded' : 'down', venues };
  }

  @Get('venues')
  async venues(): Promise<readonly VenueView[]> {
    return this.board.views(await this.figures.quality());
  }

  @Get('stats')
  async stats() {
    const venues = this.board.views(UNMEASURED);
    const sum = (pick: (venue: VenueView) => number | null): number =>
      venues.reduce((total, venue) => total + (pick(venue) ?? 0), 0);
    return {
      ...(await this.figures.recent()),
      queueDepth: sum(({ queueDepth }) => queueDepth),
      activeExecutions: sum(({ activeExecutions }) => activeExecutions),
      totalExecutions: sum(({ totalExecutions }) => totalExecutions),
    };
  }

  @Get('monitor')
  monitor(): Promise<MonitorView> {
    return this.monitored.view();
  }
}
