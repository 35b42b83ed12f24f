import type { Rule } from '../rule.ts';
import * as accelerators from './accelerators.ts';
import * as machine from './machine.ts';
import * as resources from './resources.ts';

const { system, cpu, bare_metal, mains_power, governor, processes, cpp_compiler } = machine;

/** Every rule that a profile may have, by the name that it has there. */
export const rules = {
  system,
  cpu,
  bare_metal,
  mains_power,
  governor,
  ...resources,
  ...accelerators,
  processes,
  cpp_compiler,
};

export type RuleName = keyof typeof rules;

export const ruleNames = Object.keys(rules) as RuleName[];

export const ruleOf = (name: RuleName): Rule => rules[name];
