import { spawn } from 'node:child_process';

/** The program that opens a link in the user's browser; undefined where there is no screen. */
export function browserOpener(
  platform: NodeJS.Platform,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (platform === 'darwin') return 'open';
  return environment.DISPLAY || environment.WAYLAND_DISPLAY ? 'xdg-open' : undefined;
}

/** Opens the link if that is possible; the link was printed before, so nothing is lost when it is not. */
export function openInBrowser(program: string, url: string): void {
  const child = spawn(program, [url], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}
