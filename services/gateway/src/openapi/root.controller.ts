import { Controller, Get } from '@nestjs/common';
import { readFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

/** What a person sees who opens the address in a browser: what this is, and where to go on. Needs no token and tells nothing else. */
@Controller()
export class RootController {
  @Get()
  read() {
    return {
      name: 'switchyard',
      version,
      links: {
        openapi: '/v1/openapi.json',
        health: '/health',
        ready: '/ready',
        metrics: '/metrics',
        latency: '/latency',
      },
      docs: 'docs/README.md in the repository',
    };
  }
}
