import { OPTIONS, type Option } from './config-options.ts';

/** The text of `docs/configuration.md`. */
export function configurationPage(): string {
  const options: Option<unknown>[] = Object.values(OPTIONS);
  const groups = [...new Set(options.map((option) => option.group))];
  return `${INTRODUCTION}\n${groups.map((group) => section(group, options)).join('\n')}`;
}

const INTRODUCTION = `# Configuration

Everything has a default: \`npm start\` needs none of this. An option is set in the environment, or in the one file that
\`CROSSPOINT_CONFIG\` names (\`NAME=value\` on each line); the environment goes before the file. Paths are relative to the
clone's folder. A wrong value or an unknown name ends the start with one sentence that says what is allowed.
`;

function section(group: string, options: Option<unknown>[]): string {
  const rows = options.filter((option) => option.group === group).map(row);
  return `## ${group}\n\n| option | unit | default | meaning |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}

function row({ name, unit, fallback, description, allowed, secret }: Option<unknown>): string {
  const kept = secret ? ' It is a secret and is never shown or logged.' : '';
  const cells = [`\`${name}\``, unit ?? '', fallback, `${description} Allowed: ${allowed}.${kept}`];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
