/** What becomes of the containers of an image. */

/** The images that simulated people deploy. */
export type Fate =
  | 'good'
  /** Ends right after it started. */
  | 'exits'
  /** Runs and never answers. */
  | 'deaf'
  /** Takes seconds to answer, and then is good. */
  | 'slow'
  /** Answers, and ends a little later; only while faults are to be expected. */
  | 'frail'
  /** The engine refuses to make its containers. */
  | 'unmakeable'
  /** It cannot be had. */
  | 'missing';
