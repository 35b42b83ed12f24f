/**
 * The regularised incomplete beta function I_x(a, b): the chance that a beta variable with shapes a and b is at most x.
 * Continued fraction of Abramowitz and Stegun (1964), 26.5.8, evaluated as Lentz (1976) does. Relative error about 1e-13.
 * @param a - above 0; so is b.
 * @param x - from 0 to 1.
 * @param y - 1 − x, given apart so that no digits are lost where x is close to 1.
 * @returns from 0 to 1.
 */
export function incompleteBeta(a: number, b: number, x: number, y: number): number {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  // The fraction converges fast on this side only.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(b, a, y, x);
  return (betaPower(a, b, x, y) / a) * fraction(a, b, x);
}

/**
 * x^a y^b / B(a, b), for y = 1 − x. Exact to about 1e-14 also for shapes of 100,000, where the logarithms of gamma functions
 * would cancel: these are written as Stirling's formula with its error, as Loader (2000), Fast and accurate computation of
 * binomial probabilities, does.
 */
export function betaPower(a: number, b: number, x: number, y: number): number {
  const away = b * x - a * y;
  const exponent = a * logOf(x * (1 + b / a), away / a) + b * logOf(y * (1 + a / b), -away / b);
  const correction = stirlingError(a + b) - stirlingError(a) - stirlingError(b);
  return Math.sqrt((a / (2 * Math.PI)) * (b / (a + b))) * Math.exp(exponent + correction);
}

/** ln of a ratio, from the ratio and from the ratio less 1: from that of the two which has more digits. */
const logOf = (ratio: number, less1: number) => (Math.abs(less1) < 0.5 ? Math.log1p(less1) : Math.log(ratio));

const MOST_TERMS = 100_000;
const PRECISION = 1e-16;
// Stands for a 0 that would be divided by.
const TINY = 1e-300;

function fraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = 1 / apartFrom0(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m <= MOST_TERMS; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    const before = result;
    for (const term of [even, odd]) {
      d = 1 / apartFrom0(1 + term * d);
      c = apartFrom0(1 + term / c);
      result *= d * c;
    }
    if (Math.abs(result - before) <= PRECISION * Math.abs(result)) break;
  }
  return result;
}

const apartFrom0 = (value: number) => (Math.abs(value) < TINY ? TINY : value);

/** Of the series 1/12z − 1/360z³ + …: Abramowitz and Stegun (1964), 6.1.41. */
const COEFFICIENTS = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360_360];
const LEAST_FOR_SERIES = 10;

/** ln Γ(z) less Stirling's formula (z − ½) ln z − z + ½ ln 2π. */
function stirlingError(z: number): number {
  let error = 0;
  let at = z;
  for (; at < LEAST_FOR_SERIES; at += 1) error += (at + 0.5) * Math.log1p(1 / at) - 1;
  return error + COEFFICIENTS.reduceRight((total, coefficient) => total / (at * at) + coefficient, 0) / at;
}
