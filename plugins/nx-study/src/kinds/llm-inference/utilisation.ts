import { z } from 'zod';
import { absent, isAbsent } from '../../base/known.ts';
import type { Absent } from '../../base/known.ts';
import { toMetric } from '../kind.ts';
import type { Circumstances, Metric, MetricDefinition, Peak, Value } from '../kind.ts';
import { modelNoteSchema } from './model-note.ts';
import type { ModelNote } from './model-note.ts';
import { COMPUTE_TYPES, GPU_PEAKS } from './peaks.ts';
import type { ComputeType } from './peaks.ts';
import type { OfflineWorkload, Payload } from './schema.ts';
import { workTexts as texts } from './texts.ts';
import { bytesPerDecodedToken, flopPerDecodedToken, flopPerPromptToken } from './work.ts';

/**
 * The work of a token by the model's header, the rate at which it was done, and that as a share of the device's peak.
 * @param rates - of prefill and decoding, tokens of the batch a second.
 * @param known - the record's note of the model, the machine, and a peak that the study declares, which comes first.
 */
export function utilisationMetrics(
  workload: OfflineWorkload,
  rates: { prefill: Value; decode: Value },
  { payload, circumstances, peak }: { payload: Payload; circumstances: Circumstances | undefined; peak: Peak | null },
): Metric[] {
  const note = noteOf(circumstances);
  const compute = isAbsent(note) ? note : computePeak(note, { payload, circumstances, peak });
  const memory = isAbsent(note) ? note : memoryPeak(note, circumstances, peak);
  const prefill = isAbsent(note) ? note : flopPerPromptToken(note, workload);
  const decode = isAbsent(note)
    ? note
    : (flopPerDecodedToken(note, workload) ??
      absent('one new token per sequence, so there is nothing after the first'));
  const bytes = isAbsent(note) ? note : bytesPerDecodedToken(note, workload);
  const rate = (work: Value, tokens: Value): Value =>
    isAbsent(work) ? work : isAbsent(tokens) ? tokens : work * tokens;
  const share = (work: Value, of: Value): Value => (isAbsent(work) ? work : isAbsent(of) ? of : (100 * work) / of);
  const [prefillRate, decodeRate, bytesRate] = [
    rate(prefill, rates.prefill),
    rate(decode, rates.decode),
    rate(bytes, rates.decode),
  ];
  const values: Record<keyof typeof DEFINITIONS, Value> = {
    prefill_mfu_percent: share(prefillRate, compute),
    decode_mfu_percent: share(decodeRate, compute),
    decode_mbu_percent: share(bytesRate, memory),
    prefill_flop_per_s: prefillRate,
    decode_flop_per_s: decodeRate,
    decode_bytes_per_s: bytesRate,
    prefill_flop_per_token: prefill,
    decode_flop_per_token: decode,
    decode_bytes_per_token: bytes,
  };
  return Object.entries(DEFINITIONS).map(([name, definition]) =>
    toMetric({ name, main: false, ...definition }, values[name as keyof typeof DEFINITIONS]),
  );
}

const SHARE = { unit: '%', better: 'higher' } as const;
const DEFINITIONS = {
  prefill_mfu_percent: {
    ...SHARE,
    label: 'prefill MFU',
    description: 'prefill_flop_per_s / peak of the compute type without sparsity: model FLOP utilisation of prefill',
  },
  decode_mfu_percent: {
    ...SHARE,
    label: 'decode MFU',
    description: 'decode_flop_per_s / peak of the compute type without sparsity: model FLOP utilisation of decoding',
  },
  decode_mbu_percent: {
    ...SHARE,
    label: 'decode MBU',
    description: 'decode_bytes_per_s / peak of the memory bandwidth: model bandwidth utilisation of decoding',
  },
  prefill_flop_per_s: {
    unit: 'FLOP/s',
    better: 'higher',
    label: 'prefill FLOP rate',
    description: 'prefill_flop_per_token × prefill_tok_s',
  },
  decode_flop_per_s: {
    unit: 'FLOP/s',
    better: 'higher',
    label: 'decode FLOP rate',
    description: 'decode_flop_per_token × decode_tok_s',
  },
  decode_bytes_per_s: {
    unit: 'bytes/s',
    better: 'higher',
    label: 'decode bandwidth',
    description: 'decode_bytes_per_token × decode_tok_s',
  },
  prefill_flop_per_token: {
    unit: 'FLOP/token',
    better: null,
    label: 'prefill work',
    description: 'Work of a prompt by the header of the model / its tokens: 2 × weights, and attention',
  },
  decode_flop_per_token: {
    unit: 'FLOP/token',
    better: null,
    label: 'decode work',
    description: 'Mean work of a token of decoding by the header of the model: 2 × weights, and attention',
  },
  decode_bytes_per_token: {
    unit: 'bytes/token',
    better: null,
    label: 'decode reads',
    description: 'Weights / sequences of the batch, and keys and values of one sequence: read for a token of decoding',
  },
} satisfies Record<string, Omit<MetricDefinition, 'name' | 'main'>>;

function noteOf(circumstances: Circumstances | undefined): ModelNote | Absent {
  const model = circumstances?.model ?? null;
  if (model === null) return absent(texts.notNoted);
  if (model.value === null) return absent(model.reason ?? texts.notNoted);
  const note = modelNoteSchema.safeParse(model.value);
  return note.success ? note.data : absent(texts.notNoted);
}

type Known = { payload: Payload; circumstances: Circumstances | undefined; peak: Peak | null };

/** FLOP/s of all devices that were used together. */
function computePeak(note: ModelNote, { payload, circumstances, peak }: Known): Value {
  const { settings } = payload;
  const type = settings.effective['compute_dtype'];
  if (note.device === 'cpu' && peak === null) return absent(texts.noPeak('this processor'));
  if (!isComputeType(type)) return absent(noTypeOf(payload));
  const quantised = settings.effective['quantisation'] ?? settings.effective['quantization'] ?? null;
  if (quantised !== null && !(typeof quantised === 'string' && WEIGHTS_ONLY.has(quantised)))
    return absent(texts.mixed(JSON.stringify(quantised)));
  const declared = peak?.tflop_per_s[type];
  if (declared !== undefined) return declared * 1e12 * Math.max(1, note.gpus);
  const gpu = note.device === 'cpu' ? absent(texts.noPeak('this processor')) : gpuOf(circumstances);
  if (isAbsent(gpu)) return gpu;
  const known = GPU_PEAKS.find(({ name }) => name.test(gpu))?.tflop_per_s[type];
  return known === undefined ? absent(texts.noPeak(`${gpu} in ${type}`)) : known * 1e12 * note.gpus;
}

/** A file in GGUF has several types of weights, and its engine multiplies each in its own way. */
const noTypeOf = ({ model, engine }: Payload): string =>
  model.format === 'gguf' ? texts.mixedTypes(engine.name, model.weights_format ?? null) : texts.compute;

/** Bytes a second of all devices that were used together. */
function memoryPeak(note: ModelNote, circumstances: Circumstances | undefined, peak: Peak | null): Value {
  if (peak !== null && peak.memory_gb_per_s !== null) return peak.memory_gb_per_s * 1e9 * Math.max(1, note.gpus);
  const gpu = note.device === 'cpu' ? absent(texts.noPeak("this machine's memory")) : gpuOf(circumstances);
  if (isAbsent(gpu)) return gpu;
  const known = GPU_PEAKS.find(({ name }) => name.test(gpu))?.memory_gb_per_s;
  return known === undefined ? absent(texts.noPeak(`the memory of ${gpu}`)) : known * 1e9 * note.gpus;
}

/** Quantisations of the weights alone: they are converted, and multiplied in the compute type. */
const WEIGHTS_ONLY = new Set(['bnb-nf4', 'torchao-int8-weight-only', 'awq', 'awq_marlin', 'gptq', 'gptq_marlin']);

const isComputeType = (type: unknown): type is ComputeType => COMPUTE_TYPES.includes(type as ComputeType);

const gpusSchema = z.looseObject({
  value: z
    .array(z.looseObject({ model: z.string(), mig: z.looseObject({ value: z.boolean().nullable() }) }))
    .nullable(),
  reason: z.string().nullable(),
});

/** The name of the machine's GPUs, where they are all the same. */
function gpuOf(circumstances: Circumstances | undefined): string | Absent {
  const gpus = gpusSchema.safeParse(circumstances?.machine['gpus']);
  if (!gpus.success || gpus.data.value === null || gpus.data.value.length === 0)
    return absent(texts.noGpus(gpus.data?.reason ?? 'the record lists none'));
  const names = new Set(gpus.data.value.map(({ model }) => model));
  if (names.size > 1) return absent(texts.gpus);
  if (gpus.data.value.some(({ mig }) => mig.value === true)) return absent(texts.partitioned);
  return [...names][0]!;
}
