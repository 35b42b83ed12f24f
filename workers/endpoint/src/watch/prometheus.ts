/** One series of a metric at one time. */
export interface Series {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

/**
 * Reads the text form of Prometheus (exposition formats 0.0.4 and 1.0.0; of OpenMetrics what it adds is left out). Only wanted
 * metrics are read in full: a server has hundreds of lines, and this is done while it is measured. Values that aren't finite are
 * left out. @returns null for a text of any other form.
 */
export function readSeries(text: string, isWanted: (name: string) => boolean): Series[] | null {
  const found: Series[] = [];
  let hasAny = false;
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from);
    const to = end < 0 ? text.length : end;
    const line = text.slice(from, to).trim();
    from = to + 1;
    if (line === '' || line.startsWith('#')) continue;
    const name = NAME.exec(line)?.[0];
    if (name === undefined) return null;
    hasAny = true;
    if (!isWanted(name)) continue;
    const series = seriesOf(name, line);
    if (series === null) return null;
    if (Number.isFinite(series.value)) found.push(series);
  }
  return hasAny ? found : null;
}

const NAME = /^[a-zA-Z_:][\w:]*(?=[{\s])/;
const LABEL = /\s*([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|(?=\}))/y;
// A value, a time stamp, and an exemplar of OpenMetrics.
const VALUE = /^\s+(\S+)(?:\s+-?[\d.]+)?\s*(?:#.*)?$/;

function seriesOf(name: string, line: string): Series | null {
  const labels: Record<string, string> = {};
  let at = name.length;
  if (line[at] === '{') {
    for (at += 1; ; at = LABEL.lastIndex) {
      LABEL.lastIndex = at;
      const label = LABEL.exec(line);
      if (label === null) break;
      labels[label[1]!] = label[2]!.replace(/\\(.)/g, (_, one: string) => (one === 'n' ? '\n' : one));
    }
    at = line.slice(at).search(/\S/) + at;
    if (line[at] !== '}') return null;
    at += 1;
  }
  const text = VALUE.exec(line.slice(at))?.[1];
  const value = text === undefined ? null : numberOf(text);
  return value === null ? null : { name, labels, value };
}

/** As Go writes numbers. */
function numberOf(text: string): number | null {
  const infinite = /^([+-]?)inf$/i.exec(text);
  if (infinite) return infinite[1] === '-' ? -Infinity : Infinity;
  if (/^nan$/i.test(text)) return Number.NaN;
  const value = Number(text);
  return Number.isNaN(value) ? null : value;
}
