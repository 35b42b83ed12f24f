export const unsupportedSystem =
  'nx-study runs on Linux and macOS. On Windows, run it inside WSL 2 (https://learn.microsoft.com/windows/wsl).';

export const linkMessage = (path: string) =>
  `${path} is a link to a folder, or to nothing: what lies behind it would not be part of any identity. Link single files, or name the folder itself in worker.json`;
