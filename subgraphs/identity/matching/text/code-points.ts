/** The code points of a text, written into `points`; how many there are. Letters, not halves of letters. */
export function readPoints(text: string, points: Uint32Array): number {
  let [count, at] = [0, 0]
  while (at < text.length && count < points.length) {
    const point = text.codePointAt(at) ?? 0
    points[count] = point
    count += 1
    at += point > 0xffff ? 2 : 1
  }
  return count
}

/** Longer texts are compared by their beginnings: no name has more. */
export const MOST_POINTS = 128
