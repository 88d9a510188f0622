import type { ReactNode } from 'react';

/** What is drawn inside each status mark. Shape tells the state without its colour; what turns is `turningArc`. */
export const markDrawings = {
  blocked: (
    <>
      <circle
        cx="8"
        cy="8"
        r="6"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeDasharray="2.2 2.51"
        strokeLinecap="round"
      />
      <path d="M5.6 8h4.8" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
    </>
  ),
  done: (
    <>
      <circle cx="8" cy="8" r="6.8" fill="currentColor" />
      <path
        d="m5 8.3 2.2 2.2L11.2 6"
        fill="none"
        stroke="var(--mark-cut)"
        strokeWidth="1.7"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </>
  ),
  failed: (
    <>
      <path d="M5.2 1.5h5.6l3.7 3.7v5.6l-3.7 3.7H5.2l-3.7-3.7V5.2z" fill="currentColor" />
      <path
        d="m5.7 5.7 4.6 4.6M10.3 5.7l-4.6 4.6"
        fill="none"
        stroke="var(--mark-cut)"
        strokeWidth="1.6"
        strokeLinecap="round"
      />
    </>
  ),
  gating: (
    <>
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="1.75" opacity=".28" />
      <path
        d="m5.6 8.2 1.7 1.7 3.2-3.5"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </>
  ),
  landing: (
    <>
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="1.75" opacity=".28" />
      <path
        d="M8 5v5M5.9 8.1 8 10.2l2.1-2.1"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </>
  ),
  paused: (
    <>
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="1.6" />
      <path d="M6.5 5.8v4.4M9.5 5.8v4.4" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
    </>
  ),
  queued: (
    <>
      <circle
        cx="8"
        cy="8"
        r="6"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeDasharray="2.2 2.51"
        strokeLinecap="round"
      />
    </>
  ),
  running: (
    <>
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="1.75" opacity=".28" />
      <circle cx="8" cy="8" r="2.1" fill="currentColor" />
    </>
  ),
  stale: (
    <>
      <circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" strokeWidth="1.4" strokeDasharray="3 1.87" />
      <path d="M4.6 9.6l5-5M5.7 11.7l6-6" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
    </>
  ),
  waiting: (
    <>
      <path
        d="M8 .9 15.1 8 8 15.1.9 8z"
        fill="var(--waiting-fill)"
        stroke="currentColor"
        strokeWidth="1"
        strokeLinejoin="round"
      />
      <path
        d="M6.3 6.3a1.75 1.75 0 1 1 2.5 1.7c-.55.25-.8.5-.8 1.1M8 11.3v.1"
        fill="none"
        stroke="var(--waiting-on-fill)"
        strokeWidth="1.5"
        strokeLinecap="round"
      />
    </>
  ),
} satisfies Record<string, ReactNode>;

export type MarkShape = keyof typeof markDrawings;

/** The part of a mark that turns while the work goes on. */
export const turningArc = (
  <path d="M8 2a6 6 0 0 1 6 6" fill="none" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round" />
);
