import { subscription } from '@switchyard/contracts';
import { z } from 'zod';

/** What may be said of a subscription. Unknown fields are refused: a misspelt cap must not be taken for none. */
const { strategyId, accountId, scaling, filter, maxQuote, maxQuantity, hours } = subscription.shape;
const filterTerms = z.strictObject(filter.unwrap().shape);
const someHours = hours.unwrap().min(1, { error: 'must hold at least one window' });

export const newSubscription = z.strictObject({
  strategyId,
  accountId,
  scaling,
  filter: filterTerms.optional(),
  maxQuote,
  maxQuantity,
  hours: someHours.optional(),
  paused: z.boolean().default(false),
});

/** Null takes a term away, what is absent stays as it is. */
export const subscriptionChange = z
  .strictObject({
    scaling: scaling.optional(),
    filter: filterTerms.nullable().optional(),
    maxQuote: maxQuote.nullable(),
    maxQuantity: maxQuantity.nullable(),
    hours: someHours.nullable().optional(),
    paused: z.boolean().optional(),
  })
  .refine((change) => Object.values(change).some((term) => term !== undefined), {
    error: 'must change something',
  });
