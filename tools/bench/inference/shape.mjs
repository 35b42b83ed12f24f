/** What every engine and peer of the comparison does. */
export const shape = { threads: 1, promptTokens: 128, newTokens: 64, iterations: 5 };

export const model = 'smollm2-135m-instruct-q4_1';
