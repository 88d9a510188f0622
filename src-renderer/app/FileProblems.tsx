import type { ReactNode, RefObject } from 'react';
import { Mark } from '../ui/icon/Mark.tsx';
import { type FileProblem, lineRange } from './file-problems.ts';
import './file-problems.css';

/** What is wrong with a text, by line and column; each leads to its line in the field. */
export function FileProblems({
  lead,
  problems,
  text,
  field,
  children,
}: {
  /** Said first; null where the places say enough. */
  lead: string | null;
  problems: readonly FileProblem[];
  text: string;
  field: RefObject<HTMLTextAreaElement | null>;
  /** Stands between the lead and the places. */
  children?: ReactNode;
}) {
  const goTo = ({ line }: FileProblem): void => {
    const { start, end } = lineRange(text, line);
    field.current?.focus();
    field.current?.setSelectionRange(start, end);
  };
  return (
    <div className="file-problems" role="alert">
      {lead !== null && (
        <p className="file-problems__lead">
          <Mark shape="failed" small /> {lead}
        </p>
      )}
      {children}
      <ul>
        {problems.map((problem) => (
          <li key={`${problem.line}:${problem.column} ${problem.message}`}>
            <button type="button" onClick={() => goTo(problem)}>
              <code>
                {problem.line}:{problem.column}
              </code>
              <span>{problem.message}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
