/** A page that is written by `npm run docs`, and says so. */
export const page = (title: string, source: string, ...parts: string[]): string =>
  [`# ${title}`, `<!-- Written by \`npm run docs\` from ${source}. -->`, ...parts].join('\n\n') + '\n'

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n')

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
