import type { ReactNode } from 'react';

/** One thing of a list: what it is, what can be done with it, what went wrong, and below that what is open of it. */
export function ResourceRow({
  label,
  title,
  facts,
  deeds,
  problem,
  children,
}: {
  /** Its name, also for people who do not see the row. */
  label: string;
  /** Where more than the name stands in its head. */
  title?: ReactNode;
  facts: ReactNode;
  /** Buttons. */
  deeds: ReactNode;
  problem: string | null;
  children?: ReactNode;
}) {
  return (
    <li className="sres__row" aria-label={label}>
      <div className="sres__what">
        <h3>{title ?? label}</h3>
        <p>{facts}</p>
      </div>
      <div className="sres__deeds">{deeds}</div>
      <Problem text={problem} />
      {children}
    </li>
  );
}

/** Why something was not done, where it was asked for; nothing for null. */
export function Problem({ text }: { text: string | null }) {
  if (text === null) return null;
  return (
    <p className="sres__problem" role="alert">
      {text}
    </p>
  );
}
