import type { ReactNode } from 'react';
import { classNames } from '../class-names.ts';
import './card.css';

/** A card: a titled piece of a view. */
export function Card({
  title,
  note,
  headEnd,
  className,
  children,
}: {
  title?: ReactNode;
  /** Stands beside the title, quieter. */
  note?: ReactNode;
  headEnd?: ReactNode;
  className?: string;
  children: ReactNode;
}) {
  return (
    <section className={classNames('card', className)}>
      {title !== undefined && (
        <header className="card__head">
          <h2>{title}</h2>
          {note !== undefined && <span className="tertiary">{note}</span>}
          {headEnd !== undefined && <span className="grow" />}
          {headEnd}
        </header>
      )}
      {children}
    </section>
  );
}
