/** `npm run simulate -- FILE [--json]`: builds the server when it is stale and plays the days of the file in this process. */
import { build } from './build.mjs';

await build((line) => console.error(line), ['server']);
const { runCommand } = await import('../dist/server/simulate.js');
process.exitCode = await runCommand(process.argv.slice(2), {
  print: (text) => console.log(text),
  note: (text) => console.error(text),
});
