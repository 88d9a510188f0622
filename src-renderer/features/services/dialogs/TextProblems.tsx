import type { RefObject } from 'react';
import { type FileProblem, lineRange } from '../../../app/file-problems.ts';
import { Mark } from '../../../ui/icon/Mark.tsx';

/** What is wrong with a text, by line and column; each leads to its line. */
export function TextProblems({
  problems,
  fallback,
  text,
  field,
}: {
  problems: readonly FileProblem[];
  /** Said where the refusal names no place. */
  fallback: string;
  text: string;
  field: RefObject<HTMLTextAreaElement | null>;
}) {
  const goTo = ({ line }: FileProblem): void => {
    const { start, end } = lineRange(text, line);
    field.current?.focus();
    field.current?.setSelectionRange(start, end);
  };
  return (
    <div className="stext__problems" role="alert">
      {problems.length === 0 && (
        <p>
          <Mark shape="failed" small /> {fallback}
        </p>
      )}
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
