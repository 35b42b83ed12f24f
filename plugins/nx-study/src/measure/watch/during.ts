/** `phase`: the last one that the worker told of. */
export const during = (phase: string | null): string => (phase ? ` in phase "${phase}"` : '');
