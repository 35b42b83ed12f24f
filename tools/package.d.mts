/** Makes the package that is published in a folder, which is replaced. */
export function makePackage(folder: string): void;
