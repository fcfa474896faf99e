/**
 * Whether an object in this JSON has a name twice, as text that is known to be JSON. Readers take the first or the last of the two (RFC
 * 8259 §4), and whoever looked at it before may have taken the other.
 */
export function hasTwinNames(json: string): boolean {
  const open: (Set<string> | null)[] = []
  for (const [token, text, colon] of json.matchAll(TOKENS)) {
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(null)
    else if (token === '}' || token === ']') open.pop()
    else if (text !== undefined && colon !== undefined) {
      const name = JSON.parse(text) as string
      const names = open.at(-1)
      if (names?.has(name) === true) return true
      names?.add(name)
    }
  }
  return false
}

/** Brackets, and texts with the colon that makes one a name. */
const TOKENS = /[{}[\]]|("(?:[^"\\]|\\.)*")(\s*:)?/g
