import { readFileSync, writeFileSync } from 'node:fs'

/** Replaces what stands between the marks of this part in a checked-in document. */
export const publish = (file: string, part: string, text: string): void => {
  const document = readFileSync(file, 'utf8')
  const [begin, end] = [`<!-- ${part} -->`, `<!-- end of ${part} -->`]
  const [before, rest] = document.split(begin)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined) throw new Error(`${file} has no marks for ${part}`)
  writeFileSync(file, `${before}${begin}\n\n${text.trim()}\n\n${end}${after}`)
}
