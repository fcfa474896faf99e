/** Texts by their hash, those used last; together they never hold more than so many characters. */
export interface RecentTexts {
  get(hash: string): string | undefined
  keep(hash: string, text: string): void
}

export const createRecentTexts = (mostCharacters: number): RecentTexts => {
  // A Map remembers the order: what is used goes to its end, what is forgotten stands at its beginning.
  const texts = new Map<string, string>()
  let characters = 0
  const forget = (hash: string, text: string): void => {
    if (texts.delete(hash)) characters -= text.length
  }
  return {
    get(hash) {
      const text = texts.get(hash)
      if (text === undefined) return undefined
      texts.delete(hash)
      texts.set(hash, text)
      return text
    },
    keep(hash, text) {
      if (text.length > mostCharacters) return
      forget(hash, text)
      texts.set(hash, text)
      characters += text.length
      for (const [oldest, old] of texts) {
        if (characters <= mostCharacters) break
        forget(oldest, old)
      }
    },
  }
}
