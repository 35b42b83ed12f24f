export const sum = (numbers: Iterable<number>): number => {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
};

export const product = (numbers: Iterable<number>): number => {
  let total = 1;
  for (const number of numbers) total *= number;
  return total;
};
