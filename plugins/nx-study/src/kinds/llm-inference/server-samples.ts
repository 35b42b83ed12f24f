import type { Quantity, Sample } from '../kind.ts';
import type { ServedWorkload } from './schema.ts';

type Unplaced = Pick<Sample, 'sample' | 'quantities'>;

/** What a server and its GPUs told of themselves, reading by reading; times are on the clock of the requests' `start_s`. */
export const serverSamples = ({ server_metrics, gpu }: ServedWorkload): Unplaced[] => [
  ...(server_metrics?.readings ?? []).map(({ at_s, values }) => ({
    sample: 'server',
    quantities: [
      at(at_s),
      ...quantity('running', '', values.running),
      ...quantity('waiting', '', values.waiting),
      ...quantity('kv_percent', '%', values.kv_share === undefined ? undefined : 100 * values.kv_share),
      ...quantity('generated_tokens', 'tokens', values.generated_tokens),
      ...quantity('preemptions', '', values.preemptions),
      ...quantity('draft_tokens', 'tokens', values.draft_tokens),
      ...quantity('accepted_tokens', 'tokens', values.accepted_tokens),
    ],
  })),
  ...(gpu?.readings ?? []).map(({ at_s, power_w, memory_bytes, utilisation_percent, sm_clock_mhz }) => ({
    sample: 'gpu',
    quantities: [
      at(at_s),
      ...quantity('power_w', 'W', power_w),
      ...quantity('memory_bytes', 'bytes', memory_bytes),
      ...quantity('utilisation_percent', '%', utilisation_percent),
      ...quantity('sm_clock_mhz', 'MHz', sm_clock_mhz),
    ],
  })),
];

const at = (value: number): Quantity => ({ name: 'at_s', unit: 's', value });

const quantity = (name: string, unit: string, value: number | null | undefined): Quantity[] =>
  value === null || value === undefined ? [] : [{ name, unit, value }];
