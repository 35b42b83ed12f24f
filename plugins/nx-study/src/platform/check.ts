import { platformTexts as texts } from './texts.ts';
import type { Finding } from '../record/schema.ts';
import type { Facts } from './facts.ts';
import type { Profile, ProfileRule } from './read.ts';
import type { Demand, RuleResult } from './rule.ts';
import { ruleNames, ruleOf } from './rules/index.ts';

/** How one rule of a profile was met. */
export interface RuleCheck {
  rule: string;
  level: 'refuse' | 'warn';
  state: 'met' | 'unmet' | 'overridden';
  needs: string;
  found: string;
}

export interface PlatformCheck {
  profile: string;
  checks: RuleCheck[];
  /** What warns, and what was overridden. */
  findings: Finding[];
  /** Why nothing is measured; null when something may be. */
  refusal: string | null;
}

/** The findings' code where a person measures against a rule. */
export const OVERRIDDEN = 'platform-overridden';

/** What is looked at: all, or only what waiting can't change. */
export type Scope = 'all' | 'lasting';

/** Holds a machine and what would be measured against a profile. */
export async function checkPlatform(
  { name, rules: all }: Profile,
  facts: Facts,
  demand: Demand,
  { ignored = ignoredRules(), scope = 'all' }: { ignored?: string[]; scope?: Scope } = {},
): Promise<PlatformCheck> {
  const rules = all.filter((rule) => scope === 'all' || !ruleOf(rule.name).momentary);
  const checked = await Promise.all(rules.map((rule) => checkRule(rule, facts, demand, ignored)));
  const unmet = checked.filter(({ check }) => check.state !== 'met');
  const refused = unmet.filter(({ check }) => check.state === 'unmet' && check.level === 'refuse');
  const unknown = ignored.filter((rule) => !(ruleNames as string[]).includes(rule));
  return {
    profile: name,
    checks: checked.map(({ check }) => check),
    findings: unmet.flatMap(({ check: { state, level, rule }, told }) => {
      if (state === 'overridden') return [{ code: OVERRIDDEN, message: texts.overridden(name, told) }];
      return level === 'warn' ? [{ code: `platform-${kebab(rule)}`, message: texts.warning(name, told) }] : [];
    }),
    refusal:
      refused.length === 0
        ? null
        : texts.refusal(
            name,
            refused.map(({ told }) => told),
            refused.map(({ check }) => check.rule),
            unknown.map((rule) => texts.unknownOverride(rule, ruleNames)),
          ),
  };
}

interface Checked {
  check: RuleCheck;
  /** For a person. */
  told: string;
}

async function checkRule(
  { name, need, level, message }: ProfileRule,
  facts: Facts,
  demand: Demand,
  ignored: string[],
): Promise<Checked> {
  const result: RuleResult = await ruleOf(name).check(need, facts, demand);
  const { met, needs, found, way } = result;
  // A warning stops nothing that a person would have to override.
  const state = met ? 'met' : level === 'refuse' && ignored.includes(name) ? 'overridden' : 'unmet';
  return {
    check: { rule: name, level, state, needs, found },
    told: texts.unmet(name, result, message ?? way),
  };
}

const kebab = (name: string) => name.replaceAll('_', '-');

/** The rules that a person wants to measure against. */
export const ignoredRules = (value = process.env['NX_STUDY_IGNORE_RULES']): string[] =>
  (value ?? '').split(/[\s,]+/).filter(Boolean);
