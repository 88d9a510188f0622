import { useMemo } from 'react';
import { ansiSpans, type Look, type Span } from './ansi.ts';

/** The end of what a command wrote. */
export function Output({ text, linesMax, className }: { text: string; linesMax: number; className?: string }) {
  const lines = useMemo(() => {
    let look: Look | null = null;
    return text
      .replace(/\n$/, '')
      .split('\n')
      .slice(-linesMax)
      .map((line) => {
        const read = ansiSpans(line, look);
        look = read.look;
        return read.spans;
      });
  }, [text, linesMax]);
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
