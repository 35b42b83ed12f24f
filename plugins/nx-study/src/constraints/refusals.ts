import type { JsonObject } from '../base/json.ts';
import { splitPath, valueAt } from '../base/path.ts';
import { findKind } from '../kinds/index.ts';
import type { MachineFacts } from '../machine/compute.ts';
import type { Worker } from '../worker/manifest.ts';
import type { ConfigProblem } from '../worker/problem.ts';
import { tableOf } from './table.ts';
import type { Facts } from './table.ts';
import { constraintTexts } from './texts.ts';

/** What is known of the surroundings of a measurement; null for what isn't. */
export interface Surroundings {
  machine: MachineFacts | null;
  /** The file or folder of its model, where that may be read. */
  model: string | null;
  /** What is known of its header besides. */
  header?: JsonObject;
  /** Packages that are there besides those of the locks. */
  packages?: JsonObject;
}

/** A configuration, with the worker's defaults, and as its author wrote it. */
export interface Configured {
  configuration: JsonObject;
  written: JsonObject;
}

/** Tells which combinations in configurations an engine refuses; each at the first setting of its rule that was written. */
export type Refusals = (configured: Configured, surroundings?: Surroundings) => ConfigProblem[];

const NOTHING: Surroundings = { machine: null, model: null };

/** The refusals of a worker's engine; none where its rules are for other versions. @throws WorkerError for a rule that can't be used. */
export function refusalsOf(worker: Worker): Refusals {
  const { constraints } = worker;
  if (constraints === undefined) return () => [];
  const table = tableOf(worker);
  return ({ configuration, written }, surroundings = NOTHING) =>
    table(factsOf(worker, configuration, surroundings)).map(({ rule, message }) => {
      const names = Object.keys(rule.settings);
      const name = names.find((one) => valueAt(written, one) !== undefined) ?? names[0]!;
      return {
        path: splitPath(name)!,
        value: valueAt(configuration, name)!,
        ...constraintTexts.refused(constraints, rule, message),
        byEngine: true,
      };
    });
}

function factsOf(worker: Worker, settings: JsonObject, surroundings: Surroundings): Facts {
  const { manifest, constraints } = worker;
  const { machine, model, header, packages } = surroundings;
  const gpus = machine?.gpus ?? null;
  const before = findKind(manifest.kind)?.knownBefore?.({ configuration: settings, gpus, model });
  const capability = machine?.compute_capability ?? null;
  return {
    settings,
    work: before?.work ?? {},
    model: { ...before?.model, ...header },
    machine: {
      ...(machine === null ? {} : { system: machine.system }),
      ...(gpus === null ? {} : { gpus }),
      ...(capability === null ? {} : { compute_capability: capability }),
    },
    packages: { ...constraints?.packages, ...packages },
  };
}
