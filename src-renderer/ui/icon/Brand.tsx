/** The gantry itself. Its size comes from the place it stands in. */
export function Brand() {
  return (
    <svg viewBox="0 0 22 22" fill="none" aria-hidden="true">
      <path d="M3.5 19V5.5h15V19" stroke="currentColor" strokeWidth="2" strokeLinejoin="round" strokeLinecap="round" />
      <path d="M1.5 5.5h19" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
      <path d="M11 5.5v4" stroke="currentColor" strokeWidth="1.5" />
      <rect x="7.5" y="9.5" width="7" height="5" rx="1" fill="var(--accent-mark)" />
    </svg>
  );
}
