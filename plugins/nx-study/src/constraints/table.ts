import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { isJsonObject } from '../base/json.ts';
import type { JsonObject } from '../base/json.ts';
import { memoized } from '../base/memoized.ts';
import { splitPath, valueAt } from '../base/path.ts';
import { reasonOf } from '../base/reason.ts';
import { versionRange } from '../environment/versions.ts';
import { FACTS } from '../worker/constraints.ts';
import type { Constraints, Rule, Section } from '../worker/constraints.ts';
import type { Worker } from '../worker/manifest.ts';
import { WorkerError } from '../worker/read.ts';
import { workerTexts } from '../worker/texts.ts';
import { constraintTexts } from './texts.ts';

/** What is known before the start; an absent name isn't. */
export interface Facts {
  /** With the worker's defaults. */
  settings: JsonObject;
  work: JsonObject;
  model: JsonObject;
  machine: JsonObject;
  packages: JsonObject;
}

/** A combination that the engine refuses. */
export interface Refused {
  rule: Rule;
  /** With its values. */
  message: string;
}

/** The rules that refuse a measurement; none for one of which too little is known. */
export type Table = (facts: Facts) => Refused[];

/**
 * The rules of a worker's engine, compiled once for each table. A table for other versions than the locked ones refuses nothing.
 * @throws WorkerError for a rule that can't be used.
 */
export const tableOf = memoized(
  (worker: Pick<Worker, 'root' | 'manifest' | 'configSchema' | 'constraints'>): Table => {
    const { constraints, manifest, root } = worker;
    if (constraints === undefined) return () => [];
    const file = `${root}/${manifest.constraints}`;
    const isKnown = (name: string) => valueAt(worker.configSchema as JsonObject, settingPath(name)) !== undefined;
    const compiled = constraints.rules.map((rule) => compile(rule, file, isKnown));
    if (!isForLocked(constraints, file)) return () => [];
    return (facts) => compiled.flatMap((refuses) => refuses(facts) ?? []);
  },
  ({ root, manifest, configSchema, constraints }) =>
    constraints === undefined ? '' : JSON.stringify([root, manifest.constraints, configSchema, constraints]),
);

/** Whether all versions in the locks are those that the rules were read from. */
export function isForLocked({ engine, locked }: Constraints, file: string): boolean {
  let isInside: (version: string) => boolean;
  try {
    isInside = versionRange(engine.versions);
  } catch {
    throw new WorkerError(workerTexts.engineVersions(file, engine.versions));
  }
  return locked.length > 0 && locked.every(isInside);
}

type Compiled = (facts: Facts) => Refused | null;

const SECTIONS: readonly Section[] = ['settings', 'work', 'model', 'machine', 'packages'];

function compile(rule: Rule, file: string, isSetting: (name: string) => boolean): Compiled {
  const fail = (reason: string) => new WorkerError(workerTexts.rule(file, rule.id, reason));
  const named = namesOf(rule);
  const isName = (section: string, name: string): boolean => {
    if (section === 'settings') return isSetting(name);
    return section === 'packages' ? Object.hasOwn(rule.packages, name) : isFact(section, name);
  };
  for (const [section, names] of named) {
    const unknown = [...names].find((name) => !isName(section, name));
    if (unknown !== undefined) throw fail(constraintTexts.unknown(section, unknown));
  }
  let matches: ValidateFunction;
  try {
    matches = ajv().compile(schemaOf(rule, named));
  } catch (error) {
    throw fail(reasonOf(error));
  }
  return (facts) => {
    const known = documentOf(facts, named);
    return matches(known) ? { rule, message: filled(rule.message, known) } : null;
  };
}

// Without the schema of schemas, which takes far longer to compile than all rules: Ajv's strict mode refuses what it doesn't know.
const ajv = memoized(
  () => new Ajv2020({ $data: true, strict: true, allowUnionTypes: true, logger: false, validateSchema: false }),
);

const isFact = (section: string, name: string): boolean =>
  Object.hasOwn(FACTS, section) && (FACTS[section as keyof typeof FACTS] as readonly string[]).includes(name);

/** Section → the names whose values a rule needs: those with a condition, those it compares with, and those its message shows. */
function namesOf(rule: Rule): Map<string, Set<string>> {
  const named = new Map<string, Set<string>>(SECTIONS.map((section) => [section, new Set(Object.keys(rule[section]))]));
  const add = (section: string, name: string) => named.set(section, (named.get(section) ?? new Set()).add(name));
  for (const pointer of pointersIn(SECTIONS.map((section) => rule[section]))) {
    const [, section = '', name = ''] = pointer.split('/');
    add(section, name);
  }
  for (const { groups } of rule.message.matchAll(PLACEHOLDER)) add(groups!['section']!, groups!['name']!);
  return named;
}

const PLACEHOLDER = /\{(?<section>[a-z]+)\.(?<name>[a-z0-9_.]+)\}/g;

function pointersIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(pointersIn);
  if (!isJsonObject(value)) return [];
  const { $data, ...rest } = value;
  return [...(typeof $data === 'string' ? [$data] : []), ...Object.values(rest).flatMap(pointersIn)];
}

function schemaOf(rule: Rule, named: Map<string, Set<string>>): object {
  const sections = [...named].map(([section, names]) => {
    const conditions: Record<string, unknown> = rule[section as Section];
    const properties = Object.fromEntries([...names].map((name) => [name, conditions[name] ?? true]));
    return [section, { type: 'object', required: [...names], properties }];
  });
  return { type: 'object', required: SECTIONS, properties: Object.fromEntries(sections) };
}

/** The values of these names, those that are known; settings by their dotted paths. */
function documentOf(facts: Facts, named: Map<string, Set<string>>): Record<string, JsonObject> {
  const sections = SECTIONS.map((section) => {
    const values = [...named.get(section)!].flatMap((name) => {
      const value = valueAt(facts[section], name);
      return value === undefined ? [] : [[name, value]];
    });
    return [section, Object.fromEntries(values)];
  });
  return Object.fromEntries(sections) as Record<string, JsonObject>;
}

const filled = (message: string, known: Record<string, JsonObject>): string =>
  message.replaceAll(PLACEHOLDER, (_text, section: string, name: string) => {
    const value = known[section]![name]!;
    return typeof value === 'string' ? value : JSON.stringify(value);
  });

/** Where a worker's schema describes a setting. */
const settingPath = (name: string): string[] => splitPath(name)!.flatMap((key) => ['properties', key]);
