interface Failure {
  part: string;
  name: string;
  message: string;
}

export function failureText(failures: Failure[]): string;

export function failuresOfVitest(part: string, report: unknown, nameOf: (file: string) => string): Failure[];

export function resultsOfPytest(part: string, xml: string): { passed: number; failed: number; failures: Failure[] };
