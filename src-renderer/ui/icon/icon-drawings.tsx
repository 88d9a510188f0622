import type { ReactNode } from 'react';

/** The strokes of each icon on a 16 px grid. */
export const iconDrawings = {
  alert: (
    <>
      <path d="M8 2.4 14.4 13.3H1.6z" />
      <path d="M8 6.4v3.2M8 11.5v.1" />
    </>
  ),
  board: (
    <>
      <rect x="2.5" y="3" width="3" height="10" rx=".8" />
      <rect x="6.8" y="3" width="3" height="7" rx=".8" />
      <rect x="11" y="3" width="3" height="4.5" rx=".8" />
    </>
  ),
  book: (
    <>
      <path d="M2.5 3.2c2.3-.5 4-.2 5.5 1 1.5-1.2 3.2-1.5 5.5-1v9.3c-2.3-.5-4-.2-5.5 1-1.5-1.2-3.2-1.5-5.5-1zM8 4.2v9.3" />
    </>
  ),
  branch: (
    <>
      <circle cx="4.5" cy="3.6" r="1.6" />
      <circle cx="4.5" cy="12.4" r="1.6" />
      <circle cx="11.5" cy="5.6" r="1.6" />
      <path d="M4.5 5.2v5.6M11.5 7.2c0 2.4-3 2.6-6.2 3.6" />
    </>
  ),
  check: (
    <>
      <path d="m3.5 8.4 3 3 6-6.6" />
    </>
  ),
  cluster: (
    <>
      <circle cx="8" cy="3.4" r="1.9" />
      <circle cx="3.4" cy="11.8" r="1.9" />
      <circle cx="12.6" cy="11.8" r="1.9" />
      <path d="m7 5.1-2.7 5M9 5.1l2.7 5M5.4 11.8h5.2" />
    </>
  ),
  collide: (
    <>
      <path d="M2 4.5c4.5 0 5.5 7 10.5 7M2 11.5c4.5 0 5.5-7 10.5-7" />
      <path d="m11 2.7 2 1.8-2 1.8M11 9.7l2 1.8-2 1.8" />
    </>
  ),
  commit: (
    <>
      <circle cx="8" cy="8" r="2.4" />
      <path d="M2 8h3.6M10.4 8H14" />
    </>
  ),
  copy: (
    <>
      <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
      <path d="M10.5 5.5V3.5a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2" />
    </>
  ),
  crown: (
    <>
      <path d="M2.5 5.5 5 8l3-4.5L11 8l2.5-2.5-1 7h-9z" />
    </>
  ),
  disk: (
    <>
      <ellipse cx="8" cy="4" rx="5" ry="1.9" />
      <path d="M3 4v8c0 1 2.2 1.9 5 1.9s5-.9 5-1.9V4M3 8c0 1 2.2 1.9 5 1.9S13 9 13 8" />
    </>
  ),
  down: (
    <>
      <path d="m4.5 6.5 3.5 3.5 3.5-3.5" />
    </>
  ),
  expand: (
    <>
      <path d="M9.5 3H13v3.5M6.5 13H3V9.5M13 3 9 7M3 13l4-4" />
    </>
  ),
  external: (
    <>
      <path d="M9 3h4v4M13 3 7.5 8.5M11 9.5V13H3V5h3.5" />
    </>
  ),
  file: (
    <>
      <path d="M4 2h5l3 3v9H4z" />
      <path d="M9 2v3h3" />
    </>
  ),
  flag: (
    <>
      <path d="M4 14V2.5M4 3h8l-2 2.8L12 8.5H4" />
    </>
  ),
  folder: (
    <>
      <path d="M2 4a1 1 0 0 1 1-1h3.5L8 4.5h5a1 1 0 0 1 1 1V12a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1z" />
    </>
  ),
  globe: (
    <>
      <circle cx="8" cy="8" r="5.8" />
      <path d="M2.2 8h11.6M8 2.2c2 1.8 2.5 3.8 2.5 5.8S10 12 8 13.8C6 12 5.5 10 5.5 8S6 4 8 2.2z" />
    </>
  ),
  graph: (
    <>
      <circle cx="3.5" cy="8" r="1.6" />
      <circle cx="12.5" cy="3.8" r="1.6" />
      <circle cx="12.5" cy="12.2" r="1.6" />
      <path d="m5 7.3 6-2.9M5 8.7l6 2.9" />
    </>
  ),
  handover: (
    <>
      <path d="M2.5 8h9M8.5 5l3 3-3 3M13.5 3.5v9" />
    </>
  ),
  host: (
    <>
      <rect x="2.5" y="3" width="11" height="4.2" rx="1" />
      <rect x="2.5" y="8.8" width="11" height="4.2" rx="1" />
      <path d="M5 5.1h.1M5 10.9h.1" />
    </>
  ),
  interrupt: (
    <>
      <path d="M8 2.5v6M8 11.6v.9" />
      <circle cx="8" cy="8" r="6.2" />
    </>
  ),
  lanes: (
    <>
      <path d="M2 4h8M2 8h12M2 12h6" />
      <circle cx="13" cy="4" r="1.2" />
      <circle cx="11" cy="12" r="1.2" />
    </>
  ),
  link: (
    <>
      <path d="M6.5 9.5l3-3M7 4.8l1.2-1.2a2.9 2.9 0 0 1 4.1 4.1L11.2 9M9 11.2l-1.2 1.2a2.9 2.9 0 0 1-4.1-4.1L4.8 7" />
    </>
  ),
  loop: (
    <>
      <path d="M4.5 5h5.5a3 3 0 0 1 0 6.5H5M6.5 3 4.3 5l2.2 2.2" />
      <path d="M2.5 11.5h.1" />
    </>
  ),
  member: (
    <>
      <circle cx="6" cy="5.5" r="2.5" />
      <path d="M1.8 13c.4-2.6 2-4 4.2-4s3.8 1.4 4.2 4M12 5v5M9.5 7.5h5" />
    </>
  ),
  merge: (
    <>
      <circle cx="4.5" cy="3.6" r="1.6" />
      <circle cx="4.5" cy="12.4" r="1.6" />
      <circle cx="11.5" cy="8.8" r="1.6" />
      <path d="M4.5 5.2v5.6M4.6 5.2c.4 2.4 2.4 3.6 5.3 3.6" />
    </>
  ),
  message: (
    <>
      <path d="M2.5 3.5h11v7.5H7.5L4.5 13.5V11h-2z" />
    </>
  ),
  more: (
    <>
      <circle cx="3.5" cy="8" r=".7" />
      <circle cx="8" cy="8" r=".7" />
      <circle cx="12.5" cy="8" r=".7" />
    </>
  ),
  pause: (
    <>
      <path d="M5.5 3.5v9M10.5 3.5v9" />
    </>
  ),
  pencil: (
    <>
      <path d="m10.8 2.8 2.4 2.4-7.7 7.7-3 .6.6-3z" />
    </>
  ),
  play: (
    <>
      <path d="M5 3.2v9.6l7.6-4.8z" />
    </>
  ),
  plus: (
    <>
      <path d="M8 3v10M3 8h10" />
    </>
  ),
  power: (
    <>
      <path d="M8 2.5V8M4.7 4.6a5 5 0 1 0 6.6 0" />
    </>
  ),
  repo: (
    <>
      <path d="M4.2 2h8.3v12H4.8A1.3 1.3 0 0 1 3.5 12.7V2.9A.9.9 0 0 1 4.2 2z" />
      <path d="M3.5 11.8h9" />
    </>
  ),
  retry: (
    <>
      <path d="M13.3 8A5.3 5.3 0 1 1 11.6 4.1" />
      <path d="M13.5 2.6v2.6h-2.6" />
    </>
  ),
  right: (
    <>
      <path d="m6.5 4.5 3.5 3.5-3.5 3.5" />
    </>
  ),
  rows: (
    <>
      <path d="M2.5 4h11M2.5 8h11M2.5 12h11" />
    </>
  ),
  search: (
    <>
      <circle cx="7" cy="7" r="4.4" />
      <path d="m10.4 10.4 3.2 3.2" />
    </>
  ),
  send: (
    <>
      <path d="M13.5 2.5 7.2 8.8M13.5 2.5 9.5 13.5 7.2 8.8 2.5 6.5z" />
    </>
  ),
  services: (
    <>
      <path d="M2.5 5.2 8 2.2l5.5 3v5.6l-5.5 3-5.5-3z" />
      <path d="M2.5 5.2 8 8.2l5.5-3M8 8.2v5.6" />
    </>
  ),
  settings: (
    <>
      <path d="M2 4.5h6M12 4.5h2M2 11.5h2M8 11.5h6" />
      <circle cx="10" cy="4.5" r="1.8" />
      <circle cx="6" cy="11.5" r="1.8" />
    </>
  ),
  sort: (
    <>
      <path d="M5 3v10M2.5 10.5 5 13l2.5-2.5M11 13V3M8.5 5.5 11 3l2.5 2.5" />
    </>
  ),
  stop: (
    <>
      <rect x="4" y="4" width="8" height="8" rx="1.2" />
    </>
  ),
  sun: (
    <>
      <circle cx="8" cy="8" r="2.8" />
      <path d="M8 1.8v1.4M8 12.8v1.4M1.8 8h1.4M12.8 8h1.4M3.6 3.6l1 1M11.4 11.4l1 1M12.4 3.6l-1 1M4.6 11.4l-1 1" />
    </>
  ),
  table: (
    <>
      <rect x="2.5" y="3" width="11" height="10" rx="1.2" />
      <path d="M2.5 6.5h11M6.5 6.5V13" />
    </>
  ),
  tasks: (
    <>
      <path d="m2.2 4.2 1.2 1.2 2-2.4M2.2 11.2l1.2 1.2 2-2.4M8 4.5h6M8 11.5h6" />
    </>
  ),
  terminal: (
    <>
      <rect x="2" y="3" width="12" height="10" rx="1.5" />
      <path d="m4.6 6.2 2 1.8-2 1.8M8.4 10h3" />
    </>
  ),
  timeline: (
    <>
      <path d="M2.6 8a5.4 5.4 0 1 0 1.7-3.9" />
      <path d="M2.4 2.6v2.6H5M8 5v3.2l2.2 1.4" />
    </>
  ),
  undo: (
    <>
      <path d="M3 6.2h6.6a3.4 3.4 0 0 1 0 6.8H6.5" />
      <path d="M5.6 3.4 2.8 6.2 5.6 9" />
    </>
  ),
  x: (
    <>
      <path d="m4 4 8 8M12 4l-8 8" />
    </>
  ),
  theme: (
    <>
      <circle cx="8" cy="8" r="5.6" />
      <path d="M8 2.4v11.2a5.6 5.6 0 0 0 0-11.2z" fill="currentColor" />
    </>
  ),
  moon: <path d="M13 9.6A5.4 5.4 0 0 1 6.4 3a5.4 5.4 0 1 0 6.6 6.6z" />,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof iconDrawings;
