/**
 * What a range means for somebody who is at `position`: "next", "old", or "gap".
 *
 * A range that overlaps is a gap as well: which of its events are the new ones cannot be told, since erased ones leave
 * no trace. Who resumes is sent exactly the rest.
 */
export function fit(position, frame) {
  if (frame.epoch !== position.epoch) return "gap";
  if (frame.upto <= position.seq) return "old";
  return frame.after === position.seq ? "next" : "gap";
}
