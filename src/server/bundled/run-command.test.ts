import { describe, expect, it } from 'vitest';
import { CommandError, runCommand } from './run-command.ts';

const node = process.execPath;

describe('running a program', () => {
  it('hands over arguments as they are, spaces and quotes included', async () => {
    const args = ['a b', '"c"', "'$HOME'; ls"];
    const said = await runCommand(node, [
      '-e',
      'console.log(JSON.stringify(process.argv.slice(1)))',
      ...args,
    ]);
    expect(JSON.parse(said)).toEqual(args);
  });

  it('rejects with the end of what a failing program wrote', async () => {
    const failing = runCommand(node, ['-e', 'console.error("no disk"); process.exit(3)']);
    await expect(failing).rejects.toThrow(/ended with 3: no disk/);
    await expect(failing).rejects.toBeInstanceOf(CommandError);
  });

  it('rejects when there is no such program', async () => {
    await expect(runCommand('/nowhere/program', [])).rejects.toThrow(/could not run.*ENOENT/);
  });

  it('ends a program that takes too long, or that is not wanted any more', async () => {
    const endless = ['-e', 'setInterval(() => {}, 1000)'];
    await expect(runCommand(node, endless, { timeoutMs: 300 })).rejects.toThrow(/SIGTERM/);
    await expect(runCommand(node, endless, { signal: AbortSignal.timeout(100) })).rejects.toThrow(
      /could not run/,
    );
  });

  it('passes on the status lines of file descriptor 3', async () => {
    const lines: string[] = [];
    const script = 'require("fs").writeSync(3, "dlstatus:1:50:x\\npmstatus:y\\n")';
    await runCommand(node, ['-e', script], { onStatusLine: (line) => lines.push(line) });
    expect(lines).toEqual(['dlstatus:1:50:x', 'pmstatus:y']);
  });
});
