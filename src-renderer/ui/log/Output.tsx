import { useMemo } from 'react';
import { ansiSpans, type Look, type Span } from './ansi.ts';
import './output.css';

/** The end of what a command wrote. */
export function Output({ text, linesMax, className }: { text: string; linesMax: number; className?: string }) {
  const lines = useMemo(() => lastLines(text, linesMax), [text, linesMax]);
  return (
    <pre className={className} tabIndex={-1}>
      {lines.map((spans, at) => (
        <span key={at} className="out__line">
          <Spans spans={spans} />
        </span>
      ))}
    </pre>
  );
}

function lastLines(text: string, linesMax: number): readonly (readonly Span[])[] {
  const lines: (readonly Span[])[] = [];
  let look: Look | null = null;
  for (const line of text.replace(/\n$/, '').split('\n').slice(-linesMax)) {
    const read = ansiSpans(line, look);
    look = read.look;
    lines.push(read.spans);
  }
  return lines;
}

/** Text in its looks. */
export function Spans({ spans }: { spans: readonly Span[] }) {
  return spans.map(({ text, look }, at) =>
    look === null ? (
      text
    ) : (
      <span key={at} className={`look--${look}`}>
        {text}
      </span>
    ),
  );
}
