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
  /** One for each rule that warns, and for each that was overridden. */
  findings: Finding[];
  /** Why the measurement is refused; null when it isn't. */
  refusal: string | null;
}

/** The findings' code where a person measures against a rule. */
export const OVERRIDDEN = 'platform-overridden';

/** Which rules are checked: all, or only those that waiting can't meet. */
export type Scope = 'all' | 'lasting';

/**
 * Checks a machine, and the measurement that would run on it, against the rules of a profile.
 * @param options.ignored - rules that a person overrides; by default those of NX_STUDY_IGNORE_RULES.
 * @param options.scope - `lasting` leaves out rules that waiting may meet, such as free memory.
 * @returns each rule with what it needs and what was found, findings for the record, and the refusal, null when none.
 */
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
    findings: unmet.flatMap(({ check: { state, level, rule }, text }) => {
      if (state === 'overridden') return [{ code: OVERRIDDEN, message: texts.overridden(name, text) }];
      return level === 'warn' ? [{ code: `platform-${kebab(rule)}`, message: texts.warning(name, text) }] : [];
    }),
    refusal:
      refused.length === 0
        ? null
        : texts.refusal(
            name,
            refused.map(({ text }) => text),
            refused.map(({ check }) => check.rule),
            unknown.map((rule) => texts.unknownOverride(rule, ruleNames)),
          ),
  };
}

interface Checked {
  check: RuleCheck;
  /** For a person. */
  text: string;
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
    text: texts.unmet(name, result, message ?? way),
  };
}

const kebab = (name: string) => name.replaceAll('_', '-');

/** The rules that a person wants to measure against. */
export const ignoredRules = (value = process.env['NX_STUDY_IGNORE_RULES']): string[] =>
  (value ?? '').split(/[\s,]+/).filter(Boolean);
