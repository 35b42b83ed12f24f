export const takesMessage = (file: string) =>
  `${file} must be a JSON object of measurement ids and whole numbers from 1, such as {"normal-1a2b3c4d": 2}. Correct it, or delete it to go back to first takes.`;

export const unsupportedSystem =
  'nx-study runs on Linux and macOS. On Windows, run it inside WSL 2 (https://learn.microsoft.com/windows/wsl).';

export const linkMessage = (path: string) =>
  `${path} is a link to a folder, or to nothing: what lies behind it would not be part of any identity. Link single files, or name the folder itself in worker.json`;
