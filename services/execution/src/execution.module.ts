import { Module, type DynamicModule, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ExecutionConsumer } from './consumers/execution.consumer.js';
import type { Executor } from './executor.js';

/** Ties the executor to the application's life. */
export class ExecutorLifecycle implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(private readonly executor: Executor) {}

  onApplicationBootstrap(): Promise<void> {
    return this.executor.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.executor.stop();
  }
}

@Module({})
export class ExecutionModule {
  static of(executor: Executor): DynamicModule {
    return {
      module: ExecutionModule,
      controllers: [ExecutionConsumer],
      providers: [{ provide: ExecutorLifecycle, useFactory: () => new ExecutorLifecycle(executor) }],
    };
  }
}
