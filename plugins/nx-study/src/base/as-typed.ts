import type { ExecutorContext } from '@nx/devkit';

/** A text option of the running target as it was typed: Nx puts values in the place of {projectName} and the like. */
export function asTyped(context: Pick<ExecutorContext, 'taskGraph'>, name: string, value: string): string {
  const lists = Object.values(context.taskGraph?.tasks ?? {}).map(({ overrides }) => typedArguments(overrides));
  const texts = lists.flatMap((typed) => textsOf(typed, `--${name}`));
  // One command line is the same for all targets that it runs.
  return texts.find((text) => text.includes('{')) ?? value;
}

function typedArguments(overrides: unknown): string[] {
  const typed: unknown = (overrides as Record<string, unknown> | undefined)?.['__overrides_unparsed__'];
  return Array.isArray(typed) ? typed.map(String) : [];
}

const textsOf = (typed: string[], option: string): string[] =>
  typed.flatMap((argument, index) => {
    if (argument.startsWith(`${option}=`)) return [argument.slice(option.length + 1)];
    const next = typed[index + 1];
    return argument === option && next !== undefined ? [next] : [];
  });
