import { Controller, type Type } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { DEAD_LETTER_TOPICS, allTopics, isCompacted } from '@switchyard/contracts';
import type { Batch, TopicHandler } from '@switchyard/log';
import { Consume, type ConsumeOptions } from '@switchyard/runtime';
import { onChange, onEvent } from '../handlers/record.js';

/**
 * Topics that are not recorded: books come by the second and are no decision (those that mattered lie, by their hash, in the
 * decisions that used them), and the journal's own seals would otherwise be sealed for ever.
 */
const UNRECORDED: ReadonlySet<string> = new Set(['MarketSnapshot', 'AuditRecorded']);

export const recordedTopics = (venues: readonly string[]): readonly string[] => [
  ...allTopics(venues).filter((topic) => !UNRECORDED.has(topic)),
  ...DEAD_LETTER_TOPICS,
];

/** One consumer of every topic that a deployment with these venues has. The topics are data, so the methods are made from them. */
export const everyTopic = (venues: readonly string[]): Type => {
  const EveryTopic = class EveryTopic {
    readonly topics = recordedTopics(venues);
  };
  const prototype = EveryTopic.prototype as unknown as Record<string, unknown>;
  for (const topic of recordedTopics(venues)) {
    const options = optionsOf(topic);
    const handle = options.numbering === 'compacted' ? onChange : onEvent;
    const name = `on ${topic}`;
    prototype[name] = (batch: Batch): void => {
      handle(batch);
    };
    Payload()(prototype, name, 0);
    Consume(options)(prototype, name, Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor);
  }
  Controller()(EveryTopic);
  return EveryTopic;
};

const optionsOf = (topic: string): ConsumeOptions<unknown> => {
  const numbering = numberingOf(topic);
  return numbering === 'compacted'
    ? { topic, numbering, reads: (event) => [{ kind: topic, key: event.key }] }
    : { topic, numbering };
};

const numberingOf = (topic: string): NonNullable<TopicHandler['numbering']> => {
  if (topic === 'TradingSignalGenerated') return 'door';
  return isCompacted(topic) ? 'compacted' : 'dense';
};
