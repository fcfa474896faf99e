/** FNV-1a over UTF-16 units, 32 bits, never 0: zero stands for "nothing known". */
export function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0 || 1
}

/** Of two hashes one, in this order; nothing known in either is nothing known. */
export function hashBoth(one: number, other: number): number {
  if (one === 0 || other === 0) return 0
  let hash = Math.imul(one ^ Math.imul(other, 0x9e3779b1), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35)
  return (hash ^ (hash >>> 13)) >>> 0 || 1
}
