/** Stacks as `[x, how many]`; boxes are 34 × 15 on a grid of 17. */
const stacks = [
  {
    kind: 'c-done',
    columns: [
      [8, 3],
      [46, 2],
      [84, 4],
      [122, 1],
    ],
  },
  {
    kind: 'c-run',
    columns: [
      [340, 2],
      [378, 3],
      [454, 1],
    ],
  },
  { kind: 'c-wait', columns: [[416, 1]] },
  {
    kind: 'c-idle',
    columns: [
      [492, 2],
      [530, 1],
      [568, 3],
    ],
  },
] as const;

/** The gantry at its quay: merged work at the left, lanes at the right, one of them waiting. */
export function CraneArt() {
  return (
    <svg className="art" viewBox="0 0 620 152" aria-hidden="true">
      <path className="quay" d="M0 149.5H620" />
      {stacks.flatMap(({ kind, columns }) =>
        columns.flatMap(([x, boxes]) =>
          Array.from({ length: boxes }, (_, level) => (
            <rect key={`${x}-${level}`} className={kind} x={x} y={132 - 17 * level} width="34" height="15" rx="2.5" />
          )),
        ),
      )}
      <g className="crane">
        <path d="M176 149V26M316 149V26M160 26H336M176 58H316" />
        <path d="M176 58l-16-32M316 58l20-32" />
        <path className="rope" d="M237 26V74M255 26V74" />
        <rect x="228" y="18" width="36" height="10" rx="2" />
      </g>
      <rect className="c-load" x="224" y="74" width="44" height="20" rx="3" />
    </svg>
  );
}
