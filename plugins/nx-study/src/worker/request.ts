import { z } from 'zod';
import { PROTOCOL } from './manifest.ts';

const json = z.record(z.string(), z.json());

/** A model, or another large thing that is kept outside the workspace. */
const assetSchema = z.strictObject({
  name: z.string().nullable().describe('Its name in studies/assets.yaml; null for an absolute path.'),
  path: z.string().describe('An absolute path: a file or a folder.'),
  sha256: z
    .string()
    .describe(
      'Of a file: the SHA-256 of its content, as 64 hex digits. Of a folder: over the relative paths and hashes of its files.',
    ),
  bytes: z.int().min(0).describe('The size of the file, or of all files of the folder together.'),
  licence: z.string().nullable().describe('null when unknown.'),
});
export type RequestedAsset = z.infer<typeof assetSchema>;

/** `request.json`: all that a worker gets to know. Later versions of the same protocol may add keys, which workers ignore. */
export const requestSchema = z.strictObject({
  protocol: z.literal(PROTOCOL).describe('The version of this protocol. A worker refuses one that it does not know.'),
  study: z.string().describe('The name of the study.'),
  id: z.string().describe('The id of the measurement, unique within its study.'),
  label: z.string().describe('The name of the experiment, for people.'),
  repetition: z.int().min(1).describe('Which repetition of the experiment this is, from 1.'),
  take: z.int().min(1).describe('Which take this is, from 1: `remeasure` raises it.'),
  digest: z.string().describe('The identity of the measurement: 64 hex digits.'),
  configuration: json.describe(
    "The settings, by the worker's own JSON Schema. It is complete, with all defaults; data files and assets are absolute paths.",
  ),
  modules: z
    .record(z.string(), z.array(z.string()))
    .describe(
      'The Python files of the configuration, by the dotted path of the setting, such as `model`: the file itself, then the modules ' +
        'of the workspace that it imports, sorted. Absolute paths.',
    ),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .describe('The seed of all random numbers of the measurement: in [0, 2^32).'),
  study_seed: z
    .int()
    .min(0)
    .describe(
      "The study's own seed. All repetitions share it: for random numbers that must not depend on how measurements divide the work.",
    ),
  allowance: z
    .strictObject({ cpus: z.number().describe('How many CPUs the worker may keep busy.') })
    .describe('What the worker may use.'),
  time_limit_s: z
    .number()
    .nullable()
    .describe('After so many seconds the worker is stopped; null where nothing limits it.'),
  cache_dir: z
    .string()
    .describe("An absolute path: a folder that is kept with the worker's environment, such as for what it compiles."),
  assets: z
    .record(z.string(), assetSchema)
    .describe('The assets that the configuration names, by the dotted path of the setting, such as `model`.'),
  assets_dir: z
    .string()
    .describe(
      'An absolute path: a folder for what is made from assets, such as a converted model. All environments share it; ' +
        'a worker writes under another name and renames when it is complete.',
    ),
});
export type Request = z.infer<typeof requestSchema>;
