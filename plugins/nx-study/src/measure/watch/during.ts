/** `phase`: the last one that the worker reported. */
export const during = (phase: string | null): string => (phase ? ` in phase "${phase}"` : '');
