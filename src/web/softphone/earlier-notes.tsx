import type { Line } from '../../protocol/softphone.ts';
import { DateTime } from '../ui/time.tsx';
import classes from './earlier-notes.module.css';

/** What colleagues who had this caller before wrote: to read, not to change. */
export function EarlierNotes({ line }: { line: Line }) {
  if (line.earlier.length === 0) return null;
  return (
    <section className={classes.notes} aria-label="Notes so far" data-testid="earlier-notes">
      {line.earlier.map((note) => (
        <article key={note.userId} className={classes.note}>
          <h3 className={classes.by}>
            {note.name}, <DateTime at={note.at} />
            {note.disposition && ` · ${note.disposition}`}
          </h3>
          {note.comments && (
            <p className={classes.text} dir="auto">
              {note.comments}
            </p>
          )}
        </article>
      ))}
    </section>
  );
}
