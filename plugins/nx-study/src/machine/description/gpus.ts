import { absent, known } from '../../base/known.ts';
import type { Known } from '../../base/known.ts';
import type { MachineSource } from './source.ts';

/** An NVIDIA GPU as `nvidia-smi` reports it now. */
export type Gpu = {
  index: number;
  uuid: string;
  model: string;
  driver: string;
  memory_bytes: Known<number>;
  power_limit_w: Known<number>;
  default_power_limit_w: Known<number>;
  max_power_limit_w: Known<number>;
  max_sm_clock_mhz: Known<number>;
  max_memory_clock_mhz: Known<number>;
  application_sm_clock_mhz: Known<number>;
  /** Whether the driver stays loaded while nobody uses it. */
  persistence: Known<boolean>;
  /** Whether it is partitioned (MIG). */
  mig: Known<boolean>;
  compute_mode: Known<string>;
};

const FIELDS = [
  'index',
  'uuid',
  'name',
  'driver_version',
  'memory.total',
  'power.limit',
  'power.default_limit',
  'power.max_limit',
  'clocks.max.sm',
  'clocks.max.memory',
  'clocks.applications.graphics',
  'persistence_mode',
  'mig.mode.current',
  'compute_mode',
];

/** The GPUs of this machine, whatever a worker sees of them. */
export async function describeGpus(source: MachineSource): Promise<Known<Gpu[]>> {
  let fields = FIELDS;
  for (;;) {
    const { ok, stdout, problem } = await source.run('nvidia-smi', [
      `--query-gpu=${fields.join(',')}`,
      '--format=csv,noheader,nounits',
    ]);
    if (ok) return known(stdout.split('\n').flatMap((line) => gpuOf(line, fields) ?? []));
    // A driver that lacks one field reports none of the others, so it is asked again without that field.
    const unknown = /Field "(.+)" is not a valid field/.exec(`${stdout}\n${problem}`)?.[1];
    if (unknown === undefined || !fields.includes(unknown)) return absent(`nvidia-smi: ${problem}`);
    fields = fields.filter((field) => field !== unknown);
  }
}

function gpuOf(line: string, fields: string[]): Gpu | null {
  const values = line.split(',').map((value) => value.trim());
  if (values.length !== fields.length) return null;
  const text = (field: string): Known<string> => {
    const value = values[fields.indexOf(field)];
    if (value === undefined) return absent('this driver has no such field');
    return /^\[.*\]$/.test(value) ? absent(`nvidia-smi says ${value}`) : known(value);
  };
  const number = (field: string, unit = 1): Known<number> => {
    const said = text(field);
    if (said.value === null) return said;
    const value = Number(said.value);
    return said.value !== '' && Number.isFinite(value)
      ? known(value * unit)
      : absent(`nvidia-smi says "${said.value}"`);
  };
  const enabled = (field: string): Known<boolean> => {
    const said = text(field);
    return said.value === null ? said : known(said.value === 'Enabled');
  };
  return {
    index: Number(values[0]),
    uuid: values[1]!,
    model: values[2]!,
    driver: values[3]!,
    memory_bytes: number('memory.total', 2 ** 20),
    power_limit_w: number('power.limit'),
    default_power_limit_w: number('power.default_limit'),
    max_power_limit_w: number('power.max_limit'),
    max_sm_clock_mhz: number('clocks.max.sm'),
    max_memory_clock_mhz: number('clocks.max.memory'),
    application_sm_clock_mhz: number('clocks.applications.graphics'),
    persistence: enabled('persistence_mode'),
    mig: enabled('mig.mode.current'),
    compute_mode: text('compute_mode'),
  };
}
