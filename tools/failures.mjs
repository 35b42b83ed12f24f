// What failed in a run of all tests, by name, from the reports of their runners.
import { stripVTControlCharacters } from 'node:util';

const SHOWN = 10;
const LINES = 15;

/** Text to print at the end of a run: every failure `{ part, name, message }` by name. */
export function failureText(failures) {
  const left = failures.length - SHOWN;
  const rest = left > 0 ? [`\n… and ${left} more`] : [];
  return ['\nFailed:', ...failures.slice(0, SHOWN).map(block), ...rest].join('\n');
}

/** Failed tests, and files that failed before their tests began, in a report of Vitest as JSON. */
export function failuresOfVitest(part, report, nameOf) {
  return report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const tests = assertionResults
      .filter((test) => test.status === 'failed')
      .map(({ fullName, failureMessages }) => ({
        part,
        name: `${nameOf(name)}: ${fullName}`,
        message: firstLines(failureMessages.join('\n')),
      }));
    if (tests.length > 0 || status !== 'failed') return tests;
    return [{ part, name: nameOf(name), message: firstLines(message) }];
  });
}

/** How many tests passed and failed, and what failed, in a report of pytest as JUnit XML. What was skipped counts nowhere. */
export function resultsOfPytest(part, xml) {
  const results = { passed: 0, failed: 0, failures: [] };
  for (const [, file, test, body = ''] of xml.matchAll(TEST)) {
    const failures = [...body.matchAll(FAILURE)].map(([, , message, text]) => ({
      part,
      name: [file, test].filter(Boolean).map(plain).join(': '),
      // Of a traceback, the end says what went wrong.
      message: lastLines(plain(text || message)),
    }));
    results.failures.push(...failures);
    if (failures.length > 0) results.failed += 1;
    else if (!body.includes('<skipped')) results.passed += 1;
  }
  return results;
}

// pytest writes no `<`, `>` and `"` into attributes and texts. An element without a text ends itself.
const TEST = /<testcase classname="([^"]*)" name="([^"]*)"[^>]*?(?:\/>|>(.*?)<\/testcase>)/gs;
const FAILURE = /<(failure|error) message="([^"]*)"[^>]*?(?:\/>|>(.*?)<\/\1>)/gs;

/** The end of an output. */
export function lastLines(text, count = LINES) {
  return linesOf(text).slice(-count).join('\n');
}

function firstLines(text) {
  const ours = linesOf(text).filter((line) => !/^\s+at .*\/node_modules\/|^\s+at new Promise/.test(line));
  return ours.slice(0, LINES).join('\n');
}

function linesOf(text) {
  return stripVTControlCharacters(text).trim().split('\n');
}

function block({ part, name, message }) {
  return [`✗ ${part}: ${name}`, ...message.split('\n').map((line) => `    ${line}`)].join('\n').trimEnd();
}

function plain(xml) {
  const named = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  const character = (_, name) => named[name] ?? String.fromCodePoint(Number(name.slice(1).replace('x', '0x')));
  return xml.replaceAll(/&(lt|gt|quot|apos|amp|#\d+|#x[\da-f]+);/gi, character);
}
