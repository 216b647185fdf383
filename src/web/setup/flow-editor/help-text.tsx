import { Fragment, type ReactNode } from 'react';
import classes from './panel.module.css';

/** The little Markdown of a node's help: paragraphs, lists, `code` and **strong** words. */
export function HelpText({ text }: { text: string }) {
  return (
    <div className={classes.help}>
      {text
        .trim()
        .split(/\n\s*\n/)
        .map((block, index) => (
          // The blocks of a text have no identity but their place.
          <Fragment key={index}>{blockOf(block)}</Fragment>
        ))}
    </div>
  );
}

function blockOf(block: string): ReactNode {
  const lines = block.split('\n');
  const first = lines.findIndex((line) => /^\s*[-*] /.test(line));
  if (first < 0) return <p>{inline(block)}</p>;
  const items = lines
    .slice(first)
    .join('\n')
    .split(/^\s*[-*] /m)
    .slice(1);
  return (
    <>
      {first > 0 && <p>{inline(lines.slice(0, first).join(' '))}</p>}
      <ul>
        {items.map((item, index) => (
          <li key={index}>{inline(item)}</li>
        ))}
      </ul>
    </>
  );
}

function inline(text: string): ReactNode[] {
  return text
    .split(/(`[^`]+`|\*\*[^*]+\*\*)/)
    .map((part, index) =>
      part.startsWith('`') ? (
        <code key={index}>{part.slice(1, -1)}</code>
      ) : part.startsWith('**') ? (
        <strong key={index}>{part.slice(2, -2)}</strong>
      ) : (
        <Fragment key={index}>{part}</Fragment>
      ),
    );
}
