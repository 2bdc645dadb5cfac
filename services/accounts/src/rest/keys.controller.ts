import { Body, Controller, Get, HttpCode, Inject, Post, UseGuards } from '@nestjs/common';
import type { Principal } from '@switchyard/auth';
import { BearerGuard, Caller, requirePermission, validated } from '@switchyard/http';
import type { z } from 'zod';
import { DataKeys } from '../data-keys.js';
import { dataKeyRotation, rewrapping } from './schemas.js';

/** What seals users' API keys. Each call does a part, and says what is left: so it can be called until nothing is. */
@UseGuards(BearerGuard)
@Controller('v1/keys')
export class KeysController {
  constructor(@Inject(DataKeys) private readonly keys: DataKeys) {}

  @Get()
  async figures(@Caller() caller: Principal) {
    requirePermission(caller, 'keys.change');
    const { oldestDataKeyAt, ...figures } = await this.keys.figures();
    return {
      ...figures,
      ...(oldestDataKeyAt === undefined ? {} : { oldestDataKeyAt: oldestDataKeyAt.toISOString() }),
    };
  }

  @Post('rewrap')
  @HttpCode(200)
  async rewrap(@Caller() caller: Principal, @Body(validated(rewrapping)) input: z.infer<typeof rewrapping>) {
    requirePermission(caller, 'keys.change');
    return this.keys.rewrap(input.after, input.limit);
  }

  @Post('rotate')
  @HttpCode(200)
  async rotate(
    @Caller() caller: Principal,
    @Body(validated(dataKeyRotation)) { userId, madeBefore, limit }: z.infer<typeof dataKeyRotation>,
  ) {
    requirePermission(caller, 'keys.change');
    if (userId === undefined) return this.keys.rotate(new Date(madeBefore ?? Date.now()), limit, caller.userId);
    const rotated = await this.keys.rotateOf(userId, caller.userId);
    return { rotated: rotated ? 1 : 0, unreadable: rotated ? [] : [userId], remaining: 0 };
  }
}
