import { Controller, Get, Header } from '@nestjs/common';
import { openApiDocument } from './document.js';

@Controller('v1/openapi.json')
export class OpenApiController {
  private readonly document = JSON.stringify(openApiDocument());

  @Get()
  @Header('content-type', 'application/json; charset=utf-8')
  read(): string {
    return this.document;
  }
}
