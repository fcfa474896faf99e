/**
 * Whether an object in a text names a member twice (RFC 8259 §4: "an object whose names are all unique is interoperable"). A
 * parser takes the last one and says nothing. The text has to be JSON.
 */
export function repeatsAName(text: string): boolean {
  const open: OpenObjects = []
  let isName = false
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      const end = endOfString(text, at)
      if (isName && !isNew(text.slice(at + 1, end), open)) return true
      isName = false
      at = end
    } else isName = isNameNext(code, open) ?? isName
  }
  return false
}

/** Of the objects that are open the names so far; null stands for a list. */
type OpenObjects = (Set<string> | null)[]

function isNew(written: string, open: OpenObjects): boolean {
  const names = open.at(-1)
  const name = written.includes('\\') ? (JSON.parse(`"${written}"`) as string) : written
  const isNewName = names?.has(name) !== true
  names?.add(name)
  return isNewName
}

/** Undefined where the character says nothing about it. */
function isNameNext(code: number, open: OpenObjects): boolean | undefined {
  if (code === OBJECT) open.push(new Set())
  else if (code === LIST) open.push(null)
  else if (code === END_OF_OBJECT || code === END_OF_LIST) open.pop()
  else if (code !== COMMA) return undefined
  return code === OBJECT || (code === COMMA && open.at(-1) !== null)
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c]
const [OBJECT, END_OF_OBJECT, LIST, END_OF_LIST] = [0x7b, 0x7d, 0x5b, 0x5d]

/** Where the quote stands that ends what begins here. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  for (;;) {
    let before = end - 1
    while (text.charCodeAt(before) === BACKSLASH) before -= 1
    if ((end - before) % 2 === 1) return end
    end = text.indexOf('"', end + 1)
  }
}
