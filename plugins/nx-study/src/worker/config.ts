import type { ValidateFunction } from 'ajv/dist/2020.js';
import type { JsonObject } from '../base/json.ts';
import { compileWith, newAjv } from './ajv.ts';
import { explainConfig } from './explain.ts';
import type { Worker } from './manifest.ts';
import { NOTED_FORMATS, prepareSchema } from './prepare.ts';
import { WorkerError } from './read.ts';
import { workerTexts } from './texts.ts';
import type { Checked } from './problem.ts';

/** Validates a configuration without changing it; the checked one has the worker's defaults. */
export type ConfigChecker = (written: JsonObject) => Checked;

const MOST_KEPT = 64;
const compiled = new Map<string, ConfigChecker>();

/**
 * The checker of a worker's configurations, compiled once per schema; the last 64 are remembered.
 * @throws WorkerError when Ajv can't use the schema (JSON Schema, draft 2020-12).
 */
export function configChecker(worker: Worker): ConfigChecker {
  const key = `${worker.name}\0${JSON.stringify(worker.configSchema)}`;
  const known = compiled.get(key);
  if (known) return known;
  if (compiled.size >= MOST_KEPT) compiled.clear();
  const checker = compile(worker);
  compiled.set(key, checker);
  return checker;
}

function compile(worker: Worker): ConfigChecker {
  const noted: Noted = { 'data-file': new Set(), 'python-file': new Set(), asset: new Set() };
  const validate = compileSchema(worker, noted);
  return (written) => {
    const configuration = structuredClone(written);
    for (const pointers of Object.values(noted)) pointers.clear();
    const valid = validate(configuration);
    return {
      configuration,
      dataFiles: [...noted['data-file'], ...noted['python-file']].map(splitPointer),
      pythonFiles: [...noted['python-file']].map(splitPointer),
      assets: [...noted.asset].map(splitPointer),
      problems: valid ? [] : explainConfig(validate.errors ?? [], worker.name),
    };
  };
}

/** Format → JSON pointers to the values that have it. */
type Noted = Record<keyof typeof NOTED_FORMATS, Set<string>>;

function compileSchema(worker: Worker, noted: Noted): ValidateFunction {
  const ajv = newAjv({ useDefaults: true });
  for (const [format, keyword] of Object.entries(NOTED_FORMATS)) {
    ajv.addFormat(format, true);
    ajv.addKeyword({
      keyword,
      type: 'string',
      schemaType: 'boolean',
      errors: false,
      validate: (_schema: boolean, _data: string, _parent?: object, context?: { instancePath: string }) => {
        noted[format as keyof Noted].add(context!.instancePath);
        return true;
      },
    });
  }
  try {
    return compileWith(ajv, prepareSchema(worker.configSchema));
  } catch (error) {
    throw new WorkerError(workerTexts.schema(`${worker.root}/${worker.manifest.config}`, (error as Error).message), {
      cause: error,
    });
  }
}

const splitPointer = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
