const DIGITS = 4;

/** A number with so many decimals. One that is 0 as shown has no sign: `-0.0` would look like a direction. */
export function fixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace('-', '') : text;
}

/** As `fixed`, with a plus before what is above 0 as shown. */
export const signedFixed = (value: number, decimals: number): string => {
  const text = fixed(value, decimals);
  return Number(text) > 0 ? `+${text}` : text;
};

/** Four significant digits; whole numbers whole. */
export function formatNumber(value: number, digits = DIGITS): string {
  const magnitude = Math.abs(value);
  if (Number.isInteger(value) && magnitude < 1e9) return String(value);
  if (magnitude >= 1e9 || magnitude < 1e-4) return value.toExponential(digits - 1);
  const decimals = digits - 1 - Math.floor(Math.log10(magnitude));
  return value.toFixed(Math.max(0, decimals));
}

/** As many digits as it takes to see on which side of a threshold a value lies: 1.00996 isn't 1.010 beside 1.01. */
export function formatBeside(value: number, threshold: number): string {
  const side = Math.sign(value - threshold);
  for (let digits = DIGITS; digits < 17; digits += 1) {
    const text = formatNumber(value, digits);
    if (Math.sign(Number(text) - threshold) === side) return text;
  }
  return String(value);
}

export interface Scale {
  divisor: number;
  unit: string;
}

const SCALES: Record<string, Scale[]> = {
  bytes: [
    { divisor: 1e9, unit: 'GB' },
    { divisor: 1e6, unit: 'MB' },
    { divisor: 1e3, unit: 'kB' },
  ],
  FLOP: [
    { divisor: 1e12, unit: 'TFLOP' },
    { divisor: 1e9, unit: 'GFLOP' },
    { divisor: 1e6, unit: 'MFLOP' },
  ],
};

/** The unit in which a column of numbers is shortest: GB of bytes, TFLOP/s of FLOP/s. */
export function scaleOf(unit: string, values: readonly number[]): Scale {
  const [counted, ...per] = unit.split('/');
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const scale = SCALES[counted!]?.find(({ divisor }) => largest >= divisor);
  return scale === undefined ? { divisor: 1, unit } : { ...scale, unit: [scale.unit, ...per].join('/') };
}

/** What follows a number whose unit stands elsewhere: the unit in which it is shown, where that is another. */
export const unitBeside = (named: string, { unit }: Scale): string => (unit === named ? '' : ` ${unit}`);
