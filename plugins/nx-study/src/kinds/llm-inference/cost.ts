import { absent } from '../../base/known.ts';
import { toMetric } from '../kind.ts';
import type { Metric, Price } from '../kind.ts';

const RATE = 'output_tok_s';
const SECONDS_PER_HOUR = 3600;

/**
 * The price of a million new tokens at the measured rate of output: price for an hour / (3600 × output_tok_s) × 10⁶, in the
 * currency of the price; of embeddings the price of as many tokens of their texts. Loading, idling and prompts that nobody answers are not in it.
 * @returns nothing where the study names no price.
 */
export function costMetrics(price: Price | null, metrics: readonly Metric[]): Metric[] {
  if (price === null) return [];
  const ofInputs = metrics.find(({ name }) => name === 'input_tok_s');
  const rate = ofInputs ?? metrics.find(({ name }) => name === RATE);
  return [
    toMetric(
      {
        name: 'cost_per_million_tokens',
        label: 'cost of 1M tokens',
        unit: price.currency,
        main: true,
        better: 'lower',
        description: `Price of a million ${ofInputs ? 'tokens of texts' : 'new tokens'} at the measured ${rate?.name ?? RATE}, for ${price.per_hour} ${price.currency} an hour; without loading and idle time`,
      },
      rate?.value ? (price.per_hour / (SECONDS_PER_HOUR * rate.value)) * 1e6 : absent(rate?.reason ?? 'no output rate'),
    ),
  ];
}
