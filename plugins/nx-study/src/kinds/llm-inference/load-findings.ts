/** Findings that say whose limit a load shows, by their codes: without them a verdict is none of the server under that load alone. */
export const OVERLOADED = 'overloaded';
export const CLIENT_SATURATED = 'client-saturated';
export const CLIENT_DELAYED = 'client-delayed';
export const LATE_STARTS = 'late-starts';
export const NOT_SETTLED = 'not-settled';
export const FOREIGN_LOAD = 'foreign-load';
